"""What becomes of the selected layers: the whole image is enlarged, they become a new image, or they are restored in
place.

Each target is the host of a job, and must never change an image before all results are complete.
"""

from .in_place import InPlace
from .new_image import NewImage
from .target import selected_rect
from .whole_image import WholeImage

__all__ = ["InPlace", "NewImage", "WholeImage", "selected_rect"]
