"""The same image with better pixels."""

from gi.repository import Gimp

from .. import pixels
from .target import Target, selected


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
