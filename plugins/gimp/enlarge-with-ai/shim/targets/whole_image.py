"""The whole image, larger, in its place."""

import contextlib

from gi.repository import Gimp

from enlarger.geometry import scaled

from .. import pixels
from ..layers import place
from .change import all_components, changing, unlocked
from .target import Target


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
