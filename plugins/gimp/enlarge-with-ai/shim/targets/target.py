"""What all targets share.

Each is a host of the binding's job. Results are held until all are complete, outside GIMP, because a cancel in GIMP ends
this process at once: then nothing of it is left. The image is changed at the end alone, as one step to undo.
"""

from gi.repository import Gimp

from enlarger import Format, Rect
from enlarger.host import Picture

from .. import pixels
from ..layers import place


class Target:
    """What is to be done with some layers of an image, as a job's host.

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
        """GIMP can be used while the network works. Nothing is written into an image that is another one now, nor read from
        it: GIMP's library ends this process where a tile has another size than it was.
        """
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
        self.require_unchanged()
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


def selected(layer):
    """What is selected of a layer, in its own coordinates; all of it without a selection, None if it lies elsewhere."""
    some, x, y, width, height = layer.mask_intersect()
    return Rect(x, y, width, height) if some and width and height else None
