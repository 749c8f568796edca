"""What becomes of the layers. Each target is the host of a job, and knows how to change the document.

A job writes where the document does not show it. Then apply() changes the document in steps, one in each turn of Krita's
event loop. Nothing else may change the document.
"""

from ..enlarger.errors import invalid
from ..enlarger.mask_choice import mask_choice
from .in_place import InPlace
from .new_document import NewDocument
from .whole_document import WholeDocument


def target_for(settings, document, layers, layers_only):
    """The target that the settings name, with its masks and the faces that are left out."""
    target = _target_for(settings, document, layers, layers_only)
    target.use_mask(mask_choice(settings.mask))
    target.faces = settings.faces
    return target


def _target_for(settings, document, layers, layers_only):
    size = settings.size(document)
    if settings.target == "image":
        return WholeDocument(document, layers, size, replace=True)
    if settings.target == "new-layer":
        return WholeDocument(document, layers, size, replace=False)
    if settings.target == "new-image":
        return NewDocument(document, layers if layers_only else None, size)
    if settings.target == "in-place":
        return InPlace(document, layers)
    raise invalid(f"there is no target '{settings.target}'; choose one in the dialog")
