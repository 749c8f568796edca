"""Where the network's result counts in layers of Krita: the selection, or a mask of each layer.

Krita's amounts are taken as they are, as a byte for each pixel of a layer; they are no colours.
"""

from .colour_space import checked
from .enlarger.errors import invalid
from .enlarger.mask_choice import SELECTION

# The masks that say where, by Krita's types; the first type counts more.
TYPES = "transparencymask", "selectionmask"


def strength_masks(document, sources, choice):
    """The mask of each Source that has one for a MaskChoice, by its index. Raises InvalidArgument if none has."""
    if not choice.origin:
        return {}
    masks = {}
    for key, source in enumerate(sources):
        # Both have pixelData(). Of several masks, the topmost counts.
        mask = document.selection() if choice.origin == SELECTION else _layer_mask(source)
        if mask is not None:
            x, y, width, height = source.rect.x, source.rect.y, source.rect.width, source.rect.height
            masks[key] = checked(mask.pixelData(x, y, width, height).data(), width, height, 1)
    if not masks:
        raise invalid(choice.problem)
    return masks


def _layer_mask(source):
    found = [mask for kind in TYPES for mask in reversed(source.masks()) if mask.type() == kind]
    return found[0] if found else None
