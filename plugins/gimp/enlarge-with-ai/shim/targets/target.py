"""What all targets share.

Each target is the host of a job. Results wait outside GIMP until all are complete: a cancel in GIMP ends this process at
once, and then nothing may be left of it. The image must only change at the end, as one undo step.
"""

from gi.repository import Gimp

from enlarger import Format, Rect
from enlarger.host import Picture
from enlarger.mask_choice import EVERYWHERE
from enlarger.translation import _

from .. import metadata, pixel_formats
from ..eligible_layers import bounds
from ..strength_mask import strength_masks


class Target:
    """The host of a job that enlarges layers of an image.

    Attributes:
        result: the image with the result, after the job.
        notes: sentences to show to the user at the end.
        faces_left_out: for each layer that has some, places in faces that are enlarged like the rest, in its pixels.
    """

    write_when_complete = True

    def __init__(self, image, layers):
        self.image = image
        self.layers = layers
        self.result = None
        self.notes = []
        self.faces_left_out = {}
        self._formats = {layer.get_id(): pixel_formats.pixel_format_of(layer) for layer in layers}
        self._mask_choice, self._masks = EVERYWHERE, {}
        self._text = None
        self._provenance = []
        self._before = self._state()

    def _state(self):
        """What must not change during the job; None if the image or a layer was deleted."""
        if not self.image.is_valid() or not all(layer.is_valid() for layer in self.layers):
            return None
        size = self.image.get_width(), self.image.get_height(), self.image.get_base_type(), self.image.get_precision()
        return size, [bounds(layer) for layer in self.layers]

    def require_unchanged(self):
        """Raises RuntimeError if the user changed the image during the job. Nothing may be written to it then."""
        if self._state() != self._before:
            raise RuntimeError(_("the image or a selected layer was changed meanwhile, so nothing was done; try again"))

    def use_mask(self, choice):
        """Has the network used where a MaskChoice says. Raises InvalidArgument if that is not possible."""
        self._mask_choice, self._masks = choice, strength_masks(self.image, self.layers, choice)
        self.notes += choice.notes(layer.get_name() for layer in self.layers if layer not in self._masks)

    def picture(self, layer, rect=None, **settings):
        """The Picture of a layer for the job."""
        picture = Picture(
            layer.get_name(),
            layer.get_width(),
            layer.get_height(),
            self._formats[layer.get_id()].format,
            rect=rect,
            icc_profile=pixel_formats.profile_of(self.image),
            settings=settings,
            key=layer,
            faces_left_out=self.faces_left_out.get(layer, ()),
        )
        return self._mask_choice.apply(picture, self._masks)

    def size_of(self, plans):
        """The size of the image with the result, for the plans of its pictures."""
        return self.size

    def memory(self, plans):
        """The bytes of all results together, which wait until all are complete."""
        formats = [Format.of(picture.format) for picture in self.pictures()]
        return sum(plan.width * plan.height * format.pixel_size for plan, format in zip(plans, formats))

    def babl(self, layer):
        return self._formats[layer.get_id()].babl

    def read(self, picture, rect):
        self.require_unchanged()
        # GIMP's library ends this process if the user rotates or resizes a layer while it is read. A copy that is in no image does
        # not change. It shares its pixels with the layer.
        copy = picture.key.copy()
        try:
            self.require_unchanged()
            return pixel_formats.read(copy, self.babl(picture.key), rect.x, rect.y, rect.width, rect.height)
        finally:
            if copy is not None:
                copy.delete()

    def begin(self, results):
        pass

    def made_by(self, made):
        self._provenance = made

    def record_provenance(self, image):
        """Writes into the metadata of the image what made it, as a part of the undo step."""
        if not metadata.record(image, self._provenance):
            self.message(_("GIMP did not accept the metadata that says how the result was made, so it is missing."))

    def abandon(self):
        pass

    def progress(self, fraction, text):
        if text != self._text:
            Gimp.progress_set_text(text)
            self._text = text
        Gimp.progress_update(fraction)
        return True

    def message(self, text):
        self.notes.append(text)


def selected_rect(layer):
    """The selected part of a layer, in its own coordinates: all of it without a selection, None if it is not selected."""
    some, x, y, width, height = layer.mask_intersect()
    return Rect(x, y, width, height) if some and width and height else None
