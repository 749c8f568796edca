"""What becomes of the chosen layers: the whole image larger, a new image, or the same image with better pixels.

Each is a host of the binding's job. Results are held until all are complete, outside GIMP, because a cancel in GIMP ends
this process at once: then nothing of it is left. The image is changed in `commit` alone, as one step to undo.
"""

import contextlib

from gi.repository import Gimp

from enlarger import Format, Rect
from enlarger.geometry import scaled
from enlarger.host import Picture

from . import pixels
from .layers import place


class Target:
    """What all targets share.

    Attributes:
        result: the image that has the result, after the job.
        said: sentences for the user, collected.
    """

    hold = True

    def __init__(self, image, layers):
        self.image = image
        self.layers = layers
        self.result = None
        self.said = []
        self._travel = {layer.get_id(): pixels.pixels_of(layer) for layer in layers}
        self._text = None
        self._was = self._now()

    def _now(self):
        """What must be the same when the result is there as when it was asked for."""
        if not self.image.is_valid() or not all(layer.is_valid() for layer in self.layers):
            return None
        size = self.image.get_width(), self.image.get_height(), self.image.get_base_type(), self.image.get_precision()
        return size, [place(layer) for layer in self.layers]

    def require_unchanged(self):
        """GIMP can be used while the network works. Nothing is written into an image that is another one now."""
        if self._now() != self._was:
            raise RuntimeError("the image or a chosen layer was changed meanwhile, so nothing was done; try again")

    def picture(self, layer, rect=None, **settings):
        """A layer as the job wants it."""
        return Picture(
            layer.get_name(),
            layer.get_width(),
            layer.get_height(),
            self._travel[layer.get_id()].format,
            rect=rect,
            icc_profile=pixels.profile_of(self.image),
            settings=settings,
            key=layer,
        )

    def size_of(self, plans):
        """The size of the image that has the result, by the plans of its pictures."""
        return self.size

    def held(self, plans):
        """Bytes of all results together, which wait until all are complete."""
        formats = [Format.of(picture.format) for picture in self.pictures()]
        return sum(plan.width * plan.height * format.pixel_size for plan, format in zip(plans, formats))

    def babl(self, layer):
        return self._travel[layer.get_id()].babl

    def read(self, picture, rect):
        return pixels.read(picture.key, self.babl(picture.key), rect.x, rect.y, rect.width, rect.height)

    def begin(self, results):
        pass

    def abandon(self):
        pass

    def progress(self, fraction, text):
        if text != self._text:
            Gimp.progress_set_text(text)
            self._text = text
        Gimp.progress_update(fraction)
        return True

    def message(self, text):
        self.said.append(text)


class WholeImage(Target):
    """The canvas and everything on it, the chosen layers by AI, all else by GIMP, so that nothing moves."""

    def __init__(self, image, layers, size):
        super().__init__(image, layers)
        self.size = size
        self._begun = None
        self._larger = {layer.get_id(): self._place(layer) for layer in layers}

    def _place(self, layer):
        """Where GIMP puts the layer when it scales the image."""
        x, y, width, height = place(layer)
        across = self.size[0] / self.image.get_width()
        down = self.size[1] / self.image.get_height()
        (x, width), (y, height) = scaled(x, width, across), scaled(y, height, down)
        return x, y, width, height

    def pictures(self):
        sizes = [(layer, *self._larger[layer.get_id()][2:]) for layer in self.layers]
        return [self.picture(layer, width=width, height=height) for layer, width, height in sizes]

    def write(self, result, rect, data):
        layer = result.picture.key
        if self._begun is None:
            self._begin_change()
        if layer.get_id() not in self._buffers:
            if (layer.get_width(), layer.get_height()) != (result.width, result.height):
                raise RuntimeError(
                    f"GIMP made the layer {layer.get_name()} {layer.get_width()}x{layer.get_height()} pixels large, not "
                    f"{result.width}x{result.height}; please report this"
                )
            self._buffers[layer.get_id()] = layer.get_buffer() if layer in self._replaced else layer.get_shadow_buffer()
        buffer = self._buffers[layer.get_id()]
        pixels.write(buffer, self.babl(layer), rect.x, rect.y, rect.width, rect.height, data)

    def _begin_change(self):
        """From here on the image changes; there is no way to cancel, and nothing left to compute."""
        self.require_unchanged()
        Gimp.progress_end()
        self._begun = contextlib.ExitStack()
        self._buffers = {}
        self._begun.enter_context(changing(self.image))
        if self.image.get_base_type() == Gimp.ImageBaseType.INDEXED:
            self.image.convert_rgb()
            # The numbers mean the same; only the layer's own format has changed.
            self._travel = {layer.get_id(): pixels.pixels_of(layer) for layer in self.layers}
            self.message("The indexed image is an RGB image now: the network makes colours that its palette has not.")
        self._begun.enter_context(all_components(self.image))
        Gimp.context_set_interpolation(Gimp.InterpolationType.NOHALO)
        # GIMP takes many seconds to scale pixels, and these are replaced anyway. They are written without a step of their
        # own: the one that undoes the new size takes them away and brings them back. A mask would be cut with its layer.
        self._replaced = [layer for layer in self.layers if layer.get_mask() is None]
        for layer in self._replaced:
            with unlocked(layer):
                layer.resize(1, 1, 0, 0)
        self.image.scale(*self.size)
        for layer in self._replaced:
            x, y, width, height = self._larger[layer.get_id()]
            with unlocked(layer):
                layer.resize(width, height, 0, 0)
                layer.set_offsets(x, y)

    def progress(self, fraction, text):
        return True if self._begun else super().progress(fraction, text)

    def commit(self):
        self._buffers.clear()
        for layer in self.layers:
            if layer not in self._replaced:
                with unlocked(layer):
                    layer.merge_shadow(True)
            layer.update(0, 0, layer.get_width(), layer.get_height())
        self._begun.close()
        self.result = self.image

    def abandon(self):
        if self._begun is not None:
            self._begun.close()


class NewImage(Target):
    """The chosen layers as an image of their own, as large as they together; or what is selected of one."""

    def __init__(self, image, layers, size, rect=None):
        super().__init__(image, layers)
        self.size = size
        self.rect = rect
        self._made = {}

    def box(self):
        """Left, top, width and height of all chosen layers together."""
        places = [place(layer) for layer in self.layers]
        x, y = min(p[0] for p in places), min(p[1] for p in places)
        return x, y, max(p[0] + p[2] for p in places) - x, max(p[1] + p[3] for p in places) - y

    def size_of(self, plans):
        return self.size if self.rect is None else (plans[0].width, plans[0].height)

    def pictures(self):
        if self.rect is not None:
            return [self.picture(self.layers[0], self.rect, factor=self.size[0] / self.rect.width)]
        return [self.picture(layer, width=w, height=h) for layer in self.layers for _, _, w, h in [self._larger(layer)]]

    def _larger(self, layer):
        left, top, *box = self.box()
        x, y, width, height = place(layer)
        (x, width), (y, height) = (
            scaled(x - left, width, self.size[0] / box[0]),
            scaled(y - top, height, self.size[1] / box[1]),
        )
        return x, y, width, height

    def write(self, result, rect, data):
        layer = result.picture.key
        if self.result is None:
            self._new_image(result)
        if layer.get_id() not in self._made:
            kind = pixels.layer_type(layer)
            made = Gimp.Layer.new(
                self.result, layer.get_name(), result.width, result.height, kind, 100.0, Gimp.LayerMode.NORMAL
            )
            if self.rect is None:
                made.set_opacity(layer.get_opacity() if len(self.layers) > 1 else 100.0)
                made.set_mode(layer.get_mode() if len(self.layers) > 1 else Gimp.LayerMode.NORMAL)
            self.result.insert_layer(made, None, len(self._made))
            if self.rect is None:
                made.set_offsets(*self._larger(layer)[:2])
            self._made[layer.get_id()] = made, made.get_buffer()
        _, buffer = self._made[layer.get_id()]
        pixels.write(buffer, self.babl(layer), rect.x, rect.y, rect.width, rect.height, data)

    def _new_image(self, result):
        gray = self.image.get_base_type() == Gimp.ImageBaseType.GRAY
        base = Gimp.ImageBaseType.GRAY if gray else Gimp.ImageBaseType.RGB
        size = self.size if self.rect is None else (result.width, result.height)
        self.result = Gimp.Image.new_with_precision(*size, base, self.image.get_precision())
        self.result.undo_disable()
        profile = self.image.get_color_profile()
        if profile is not None:
            self.result.set_color_profile(profile)
        _, across, down = self.image.get_resolution()
        self.result.set_resolution(across, down)
        self.result.set_unit(self.image.get_unit())

    def commit(self):
        for made, _ in self._made.values():
            made.update(0, 0, made.get_width(), made.get_height())
        self.result.undo_enable()
        self.result.clean_all()

    def abandon(self):
        if self.result is not None:
            self.result.delete()
            self.result = None


class InPlace(Target):
    """The same size, better pixels, through the selection's mask."""

    def __init__(self, image, layers):
        super().__init__(image, layers)
        self.size = image.get_width(), image.get_height()
        self._rects = {layer.get_id(): selected(layer) for layer in layers}

    def pictures(self):
        return [
            self.picture(layer, self._rects[layer.get_id()], factor=1.0)
            for layer in self.layers
            if self._rects[layer.get_id()] is not None
        ]

    def begin(self, results):
        self._results = results
        self._shadows = {}

    def write(self, result, rect, data):
        layer = result.picture.key
        x, y = result.picture.rect.x, result.picture.rect.y
        if not self._shadows:
            self.require_unchanged()
        if layer.get_id() not in self._shadows:
            self._shadows[layer.get_id()] = layer.get_shadow_buffer()
        pixels.write(self._shadows[layer.get_id()], self.babl(layer), x + rect.x, y + rect.y, rect.width, rect.height, data)

    def commit(self):
        self._shadows.clear()
        Gimp.progress_end()
        self.image.undo_group_start()
        try:
            for result in self._results:
                layer, rect = result.picture.key, result.picture.rect
                layer.merge_shadow(True)
                layer.update(rect.x, rect.y, rect.width, rect.height)
        finally:
            self.image.undo_group_end()
        self.result = self.image

    def abandon(self):
        for layer in self.layers:
            if layer.is_valid():
                layer.free_shadow()


def selected(layer):
    """What is selected of a layer, in its own coordinates; all of it without a selection, None if it lies elsewhere."""
    some, x, y, width, height = layer.mask_intersect()
    return Rect(x, y, width, height) if some and width and height else None


@contextlib.contextmanager
def changing(image):
    """One step to undo, during which nothing is selected; the selection is there again afterwards, as large as the image
    is then.
    """
    image.undo_group_start()
    Gimp.context_push()
    saved = None
    try:
        if not Gimp.Selection.is_empty(image):
            saved = Gimp.Selection.save(image)
            Gimp.Selection.none(image)
        yield
    finally:
        if saved is not None:
            image.select_item(Gimp.ChannelOps.REPLACE, saved)
            image.remove_channel(saved)
        Gimp.context_pop()
        image.undo_group_end()


@contextlib.contextmanager
def all_components(image):
    """All components are written, also those that are not active in the Channels dialog: an old green on new red and
    blue would be no enlargement.
    """
    channels = Gimp.ChannelType
    gray = image.get_base_type() == Gimp.ImageBaseType.GRAY
    colours = (channels.GRAY,) if gray else (channels.RED, channels.GREEN, channels.BLUE)
    passive = [component for component in (*colours, channels.ALPHA) if not image.get_component_active(component)]
    for component in passive:
        image.set_component_active(component, True)
    try:
        yield
    finally:
        for component in passive:
            image.set_component_active(component, False)


@contextlib.contextmanager
def unlocked(layer):
    """A layer that can be moved and all of whose pixels can be written. Its locks are as they were afterwards."""
    content, alpha, position = layer.get_lock_content(), layer.get_lock_alpha(), layer.get_lock_position()
    layer.set_lock_content(False)
    layer.set_lock_alpha(False)
    layer.set_lock_position(False)
    try:
        yield
    finally:
        layer.set_lock_content(content)
        layer.set_lock_alpha(alpha)
        layer.set_lock_position(position)
