"""What becomes of the chosen layers: the whole image larger, a new image, or the same image with better pixels."""

from .in_place import InPlace
from .new_image import NewImage
from .target import selected
from .whole_image import WholeImage

__all__ = ["InPlace", "NewImage", "WholeImage", "selected"]
