"""A patch: a part of the result as a dialog shows it, beside the same part without a network.

Its pixels are the real pipeline's. They must never be used for anything but a screen.
"""

import functools
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from .faces import Face
from .formats import Format
from .host import Picture
from .upscaler import Rect

# What a screen shows.
DISPLAY = Format("rgba", "u8")


@dataclass(frozen=True)
class Patch:
    """A part of a result. All pixels are "rgba u8" in sRGB, with straight alpha, in rows without padding.

    Attributes:
        frame: the part, in pixels of the whole result.
        size: width and height of the whole result.
        before: the frame enlarged by bicubic interpolation.
        after: the frame of the result.
        source: the frame as the source has it: each of its pixels as a rectangle.
        settings: what it was made with.
        level: the noise level that was measured for a preset that adapts to the picture, 0 to 100; None otherwise.
        pixels_of: that of its Picture.
        source_size: width and height of the whole source.
        faces: all faces of the source, also those that are left out; None if the settings treat none.
    """

    frame: Rect
    size: tuple[int, int]
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    source: bytes = field(repr=False)
    settings: Mapping[str, Any]
    level: Optional[int]
    pixels_of: tuple[Any, ...]
    source_size: tuple[int, int]
    faces: Optional[Sequence[Face]]


def run_format(picture: Picture) -> Format:
    """The format in which a run gives the pixels of a patch of this picture. Only a conversion between colour spaces needs
    more than 8 bits.
    """
    given = Format.of(picture.format)
    if not picture.icc_profile:
        return DISPLAY if picture.colour_space == "srgb" else Format("rgba", "u16")
    # A profile is either for gray or for colour.
    channels = ("gray_alpha" if given.has_alpha else "gray") if given.channels.startswith("gray") else "rgba"
    return Format(channels, "u16")


def to_display(pixels: bytes, format: Format, linear: bool) -> bytes:
    """Pixels of a run as "rgba u8".

    Arguments:
        pixels: in one of the formats of run_format().
        linear: whether 16-bit colour is linear light with the primaries of sRGB.
    """
    if format == DISPLAY:
        return pixels
    samples, count = array("H", pixels), format.channel_count
    colours = count - format.has_alpha
    shown = bytearray(b"\xff" * (len(samples) // count * 4))
    for channel in range(3):
        shown[channel::4] = bytes(map(_table(linear).__getitem__, samples[channel % colours :: count]))
    if format.has_alpha:
        shown[3::4] = bytes(map(_table(False).__getitem__, samples[count - 1 :: count]))
    return bytes(shown)


@functools.cache
def _table(linear: bool) -> bytes:
    """The byte for each 16-bit sample. The encoding of linear light is that of sRGB (IEC 61966-2-1)."""
    values = [sample / 65535 for sample in range(65536)]
    if linear:
        values = [12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in values]
    return bytes(round(255 * v) for v in values)
