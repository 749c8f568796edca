"""Enlarges the whole image.

Nothing may move against anything else, and the image must not change before all results are complete.
"""

import contextlib

from gi.repository import Gimp

from enlarger.geometry import scaled
from enlarger.translation import _

from .. import pixel_formats
from ..eligible_layers import bounds
from .target import Target
from .undo_step import all_components, one_undo_step, unlocked


class WholeImage(Target):
    """The canvas and everything on it: the given layers by AI, everything else by GIMP."""

    def __init__(self, image, layers, size):
        super().__init__(image, layers)
        self.size = size
        self._change = None
        self._enlarged = {layer.get_id(): self._enlarged_rect(layer) for layer in layers}

    def _enlarged_rect(self, layer):
        """Where GIMP puts the layer when it scales the image."""
        x, y, width, height = bounds(layer)
        across = self.size[0] / self.image.get_width()
        down = self.size[1] / self.image.get_height()
        (x, width), (y, height) = scaled(x, width, across), scaled(y, height, down)
        return x, y, width, height

    def pictures(self):
        sizes = [(layer, *self._enlarged[layer.get_id()][2:]) for layer in self.layers]
        return [self.picture(layer, width=width, height=height) for layer, width, height in sizes]

    def write(self, result, rect, data):
        layer = result.picture.key
        if self._change is None:
            self._begin_change()
        if layer.get_id() not in self._buffers:
            if (layer.get_width(), layer.get_height()) != (result.width, result.height):
                raise RuntimeError(
                    f"GIMP scaled the layer '{layer.get_name()}' to {layer.get_width()}x{layer.get_height()} pixels instead "
                    f"of {result.width}x{result.height}; please report this"
                )
            self._buffers[layer.get_id()] = layer.get_buffer() if layer in self._replaced else layer.get_shadow_buffer()
        buffer = self._buffers[layer.get_id()]
        pixel_formats.write(buffer, self.babl(layer), rect.x, rect.y, rect.width, rect.height, data)

    def _begin_change(self):
        """Begins to change the image. Everything is computed, and the job cannot be cancelled any more."""
        self.require_unchanged()
        Gimp.progress_end()
        self._change = contextlib.ExitStack()
        self._buffers = {}
        self._change.enter_context(one_undo_step(self.image))
        if self.image.get_base_type() == Gimp.ImageBaseType.INDEXED:
            self.image.convert_rgb()
            # The pixels mean the same; only the format of the layers has changed.
            self._formats = {layer.get_id(): pixel_formats.pixel_format_of(layer) for layer in self.layers}
            self.message(
                _("The indexed image is now an RGB image, because the result has colours that the palette lacks.")
            )
        self._change.enter_context(all_components(self.image))
        Gimp.context_set_interpolation(Gimp.InterpolationType.NOHALO)
        # GIMP takes many seconds to scale pixels, and these are replaced anyway, so their layers are reduced to one pixel.
        # Writing the new pixels needs no undo step of its own: undoing the change of size restores the old ones. A layer
        # with a mask is not reduced, because its mask would be cropped.
        self._replaced = [layer for layer in self.layers if layer.get_mask() is None]
        for layer in self._replaced:
            with unlocked(layer):
                layer.resize(1, 1, 0, 0)
        self.image.scale(*self.size)
        for layer in self._replaced:
            x, y, width, height = self._enlarged[layer.get_id()]
            with unlocked(layer):
                layer.resize(width, height, 0, 0)
                layer.set_offsets(x, y)

    def progress(self, fraction, text):
        return True if self._change else super().progress(fraction, text)

    def commit(self):
        self._buffers.clear()
        for layer in self.layers:
            if layer not in self._replaced:
                with unlocked(layer):
                    layer.merge_shadow(True)
            layer.update(0, 0, layer.get_width(), layer.get_height())
        self.record_provenance(self.image)
        self._change.close()
        self.result = self.image

    def abandon(self):
        if self._change is not None:
            self._change.close()
