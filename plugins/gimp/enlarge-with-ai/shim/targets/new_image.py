"""The selected layers, or the selection in one layer, as a new image.

The original image must not change.
"""

from gi.repository import Gimp

from enlarger.geometry import scaled
from enlarger.mask_choice import require_rest

from .. import pixel_formats
from ..eligible_layers import bounds
from .target import Target


class NewImage(Target):
    """The selected layers, or a rectangle of one layer, as a new image.

    Arguments:
        size: of the new image, in pixels, or, with `rect`, of the enlarged rectangle.
        rect: the part of the only layer that is enlarged; None for all layers, as they lie together.
    """

    def __init__(self, image, layers, size, rect=None):
        super().__init__(image, layers)
        self.size = size
        self.rect = rect
        self._made = {}

    def use_mask(self, choice):
        if self.rect is not None:
            require_rest(choice)
        super().use_mask(choice)

    def box(self):
        """Left, top, width and height of all layers together."""
        rects = [bounds(layer) for layer in self.layers]
        x, y = min(rect[0] for rect in rects), min(rect[1] for rect in rects)
        return x, y, max(rect[0] + rect[2] for rect in rects) - x, max(rect[1] + rect[3] for rect in rects) - y

    def size_of(self, plans):
        return self.size if self.rect is None else (plans[0].width, plans[0].height)

    def pictures(self):
        if self.rect is not None:
            return [self.picture(self.layers[0], self.rect, factor=self.size[0] / self.rect.width)]
        return [
            self.picture(layer, width=w, height=h)
            for layer in self.layers
            for _, _, w, h in [self._enlarged_rect(layer)]
        ]

    def _enlarged_rect(self, layer):
        left, top, *box = self.box()
        x, y, width, height = bounds(layer)
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
            kind = pixel_formats.layer_type(layer)
            made = Gimp.Layer.new(
                self.result, layer.get_name(), result.width, result.height, kind, 100.0, Gimp.LayerMode.NORMAL
            )
            if self.rect is None:
                made.set_opacity(layer.get_opacity() if len(self.layers) > 1 else 100.0)
                made.set_mode(layer.get_mode() if len(self.layers) > 1 else Gimp.LayerMode.NORMAL)
            self.result.insert_layer(made, None, len(self._made))
            if self.rect is None:
                made.set_offsets(*self._enlarged_rect(layer)[:2])
            self._made[layer.get_id()] = made, made.get_buffer()
        _, buffer = self._made[layer.get_id()]
        pixel_formats.write(buffer, self.babl(layer), rect.x, rect.y, rect.width, rect.height, data)

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
        self.record_provenance(self.result)
        self.result.undo_enable()
        self.result.clean_all()

    def abandon(self):
        if self.result is not None:
            self.result.delete()
            self.result = None
