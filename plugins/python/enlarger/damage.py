"""Damage of old photographs: found before a picture is streamed, and handed to the stream. Nothing here repairs."""

from ._call import Handle, check
from ._load import load
from .formats import Format
from .pixels import Image, view


class Damage(Handle):
    """What was found of the damage of one picture: the value of `damage` for its runs. It belongs to the options that it was found
    with: the same preset, `scratches` and `wrap`, and the same faces.

    Attributes:
        width, height: of the picture, in pixels.
    """

    def __init__(self, handle: int, width: int, height: int) -> None:
        self._own(handle, load().enl_damage_free)
        self.width, self.height = width, height

    def mask(self) -> Image:
        """The places of scratches, hairs and dust as "gray u8": 255 where they are, otherwise 0. An edited copy can be the `scratch_mask`
        of a run.
        """
        format = Format.of("gray u8")
        pixels = bytearray(self.width * self.height)
        with view(pixels, self.width, self.height, format, writable=True, what="the mask") as target:
            check(load().enl_damage_mask(self._handle, target))
        return Image(pixels, self.width, self.height, format, self.width)
