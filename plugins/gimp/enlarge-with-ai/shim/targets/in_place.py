"""Restores at the same size, in the same image.

Pixels outside the selection must not change.
"""

from gi.repository import Gimp

from enlarger.mask_choice import EVERYWHERE, SELECTION, require_rest

from .. import pixel_formats
from .target import Target, selected_rect


class InPlace(Target):
    """Writes through GIMP's shadow buffer, which GIMP merges through the mask of the selection."""

    def __init__(self, image, layers):
        super().__init__(image, layers)
        self.size = image.get_width(), image.get_height()
        self._rects = {layer.get_id(): selected_rect(layer) for layer in layers}

    def use_mask(self, choice):
        # GIMP merges through the mask of the selection anyway.
        require_rest(choice)
        super().use_mask(EVERYWHERE if choice.origin == SELECTION else choice)

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
        pixel_formats.write(
            self._shadows[layer.get_id()], self.babl(layer), x + rect.x, y + rect.y, rect.width, rect.height, data
        )

    def commit(self):
        self._shadows.clear()
        Gimp.progress_end()
        self.image.undo_group_start()
        try:
            for result in self._results:
                layer, rect = result.picture.key, result.picture.rect
                layer.merge_shadow(True)
                layer.update(rect.x, rect.y, rect.width, rect.height)
            self.record_provenance(self.image)
        finally:
            self.image.undo_group_end()
        self.result = self.image

    def abandon(self):
        for layer in self.layers:
            if layer.is_valid():
                layer.free_shadow()
