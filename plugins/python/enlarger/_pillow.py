"""Pictures of Pillow: their pixels, and results as such pictures.

Pillow is imported only when such a picture is at hand, so that the package works without it. A mode whose values have no
fixed meaning must never be guessed; the error names the conversion to make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from . import _abi
from ._opened import Opened
from ._typing import Buffer
from .errors import Error, invalid
from .formats import Format
from .pixels import Image

if TYPE_CHECKING:
    import PIL.Image

# Pillow's modes that the library knows.
_FORMATS = {
    "L": "gray u8",
    "LA": "gray_alpha u8",
    "La": "gray_alpha u8 premultiplied",
    "RGB": "rgb u8",
    "RGBA": "rgba u8",
    "RGBa": "rgba u8 premultiplied",
    "I;16": "gray u16",
}
# What to do with some of the others; all that are not listed here become RGB.
_ADVICE = {
    "1": "use image.convert('L')",
    "PA": "use image.convert('RGBA')",
    "I;16B": "use image.convert('I;16')",
    "I": "if its values are 0 to 65535, use image.convert('I;16')",
    "F": "give an array of float32 in which 0.0 is black and 1.0 is white",
    "CMYK": "use PIL.ImageCms.profileToProfile with its ICC profile, or image.convert('RGB')",
}


def opened(image: PIL.Image.Image) -> Opened:
    """A picture of Pillow; of one with several frames, the current frame."""
    if image.mode not in _FORMATS or "transparency" in image.info:
        raise _refused(image)
    format = Format.of(_FORMATS[image.mode])
    pixels = Image(image.tobytes(), image.width, image.height, format, image.width * format.pixel_size)
    return Opened(pixels, lambda made, profile: _like(image, made, profile), image.info.get("icc_profile"))


def _like(image: PIL.Image.Image, made: Image, profile: Optional[Buffer]) -> PIL.Image.Image:
    """A result with the mode and the `info` of `image`, as Pillow's own resize() gives it."""
    from PIL import Image as pillow

    size, data = (made.width, made.height), cast(bytearray, made.data)
    large = pillow.frombuffer(image.mode, size, data, "raw", image.mode, made.stride, 1)
    large.info = dict(image.info)
    if profile is not None:
        large.info["icc_profile"] = bytes(profile)
    return large


def _refused(image: PIL.Image.Image) -> Error:
    if "transparency" in image.info:
        what, advice = "with a transparent colour", "use image.convert('RGBA'), or del image.info['transparency']"
    else:
        what, advice = f"of the mode '{image.mode}'", _ADVICE.get(image.mode, "use image.convert('RGB')")
    return invalid(f"a picture {what} cannot be enlarged; {advice}", _abi.ENL_ERROR_FORMAT)
