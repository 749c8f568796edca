"""Where the network is used in layers of GIMP: the selection, or the masks of the layers.

GIMP's amounts are taken as they are, as a byte for each pixel of a layer; they are no colours.
"""

from gi.repository import Gimp

from enlarger.errors import invalid
from enlarger.mask_choice import SELECTION

from . import pixel_formats
from .eligible_layers import bounds

AMOUNTS = "Y u8"


def strength_masks(image, layers, choice):
    """The mask of each layer that has one for a MaskChoice, by the layer. Raises InvalidArgument if none has."""
    if not choice.origin:
        return {}
    masks = {layer: mask for layer in layers for mask in [_mask(image, layer, choice)] if mask is not None}
    if not masks:
        raise invalid(choice.problem)
    return masks


def _mask(image, layer, choice):
    x, y, width, height = bounds(layer)
    if choice.origin == SELECTION:
        # Outside the canvas nothing is selected.
        selection = None if Gimp.Selection.is_empty(image) else image.get_selection()
        return selection and pixel_formats.read(selection, AMOUNTS, x, y, width, height)
    mask = layer.get_mask()
    return mask and pixel_formats.read(mask, AMOUNTS, 0, 0, width, height)
