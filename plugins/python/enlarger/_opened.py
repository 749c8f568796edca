"""A picture that the caller has, opened: what is the same for all kinds of pictures that enlarge() takes."""

from dataclasses import dataclass
from typing import Any, Callable, Optional

from ._typing import Buffer
from .pixels import Image


@dataclass(frozen=True)
class Opened:
    """A picture of the caller.

    Attributes:
        pixels: its pixels.
        like: makes a picture of the same kind of a result, and of the ICC profile that the result has.
        icc_profile: the ICC profile that the picture carries.
    """

    pixels: Image
    like: Callable[[Image, Optional[Buffer]], Any]
    icc_profile: Optional[bytes] = None
