"""Where the network is used in layers of Krita: the selection, or a mask of each layer.

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
        mask = document.selection() if choice.origin == SELECTION else _topmost(source.children())
        if mask is not None:
            x, y, width, height = source.rect.x, source.rect.y, source.rect.width, source.rect.height
            masks[key] = checked(mask.pixelData(x, y, width, height).data(), width, height, 1)
    if not masks:
        raise invalid(choice.problem)
    return masks


def can_be_used(document, nodes, choice):
    """Whether there is what a MaskChoice takes as the mask, for some of these layers."""
    if choice.origin == SELECTION:
        return document.selection() is not None
    return not choice.origin or any(_topmost(node.childNodes()) for node in nodes)


def _topmost(children):
    """The mask that counts among the children of a layer; None if there is none."""
    found = [child for kind in TYPES for child in reversed(children) if child.type() == kind]
    return found[0] if found else None
