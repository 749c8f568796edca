"""What becomes of the layers. Each target is a host of the binding's job, and knows how to change the document.

A job fills what the document does not see. `apply()` then changes the document in steps, one for each turn of Krita's
event loop; only there the document is touched.
"""

from ..enlarger.errors import invalid
from .in_place import InPlace
from .new_document import NewDocument
from .whole_document import WholeDocument


def target_of(wanted, document, layers, layers_only, upscalers):
    """The target that is wanted."""
    scale = upscalers.open(wanted.options).scale
    size = wanted.size(document, scale)
    if wanted.target == "image":
        return WholeDocument(document, layers, size, replace=True)
    if wanted.target == "new-layer":
        return WholeDocument(document, layers, size, replace=False)
    if wanted.target == "new-image":
        return NewDocument(document, layers if layers_only else None, size)
    if wanted.target == "in-place":
        return InPlace(document, layers)
    raise invalid(f"'{wanted.target}' is no target; choose one in the dialog")
