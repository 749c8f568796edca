"""Pixel formats: the channels and the type of their samples.

A format is written as the text ``"CHANNELS SAMPLE"``, as in ``"rgba u8"``. It must never be guessed from pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from . import _abi
from .errors import Error, invalid

# Name: (the library's number, how many channels)
CHANNELS = {
    "gray": (_abi.ENL_CHANNELS_GRAY, 1),
    "gray_alpha": (_abi.ENL_CHANNELS_GRAY_ALPHA, 2),
    "rgb": (_abi.ENL_CHANNELS_RGB, 3),
    "rgba": (_abi.ENL_CHANNELS_RGBA, 4),
    "bgra": (_abi.ENL_CHANNELS_BGRA, 4),
}
# Name: (the library's number, bytes)
SAMPLES = {
    "u8": (_abi.ENL_SAMPLE_U8, 1),
    "u16": (_abi.ENL_SAMPLE_U16, 2),
    "f16": (_abi.ENL_SAMPLE_F16, 2),
    "f32": (_abi.ENL_SAMPLE_F32, 4),
}


@dataclass(frozen=True)
class Format:
    """A pixel format. ``str(format)`` is its text; every function that takes a Format takes the text as well.

    Attributes:
        channels: "gray", "gray_alpha", "rgb", "rgba" or "bgra", in the order in memory.
        sample: "u8" (0 to 255), "u16" (0 to 65535), "f16" or "f32" (0.0 is black and 1.0 is white; values beyond are
            kept), in native byte order.
        premultiplied: whether colour is stored multiplied by alpha.
    """

    channels: str
    sample: str
    premultiplied: bool = False

    def __post_init__(self) -> None:
        if self.channels not in CHANNELS or self.sample not in SAMPLES:
            raise _not_a_format(str(self))
        if self.premultiplied and not self.has_alpha:
            raise _not_a_format(str(self))

    @classmethod
    def of(cls, format: Union[Format, str]) -> Format:
        """The Format of a text such as "rgba u16" or "rgba u8 premultiplied"; a Format is returned as it is."""
        if isinstance(format, cls):
            return format
        if not isinstance(format, str):
            raise TypeError(f"a pixel format must be a str or a Format, not {type(format).__name__}")
        words = format.split()
        if len(words) not in (2, 3) or words[2:] not in ([], ["premultiplied"]):
            raise _not_a_format(format)
        return cls(words[0], words[1], len(words) == 3)

    def __str__(self) -> str:
        return f"{self.channels} {self.sample}" + (" premultiplied" if self.premultiplied else "")

    @property
    def number(self) -> int:
        """The number by which the library knows it."""
        alpha = _abi.ENL_ALPHA_PREMULTIPLIED if self.premultiplied else 0
        return CHANNELS[self.channels][0] + SAMPLES[self.sample][0] + alpha

    @property
    def has_alpha(self) -> bool:
        """Whether one of the channels is alpha."""
        return CHANNELS[self.channels][1] in (2, 4)

    @property
    def channel_count(self) -> int:
        """The number of channels, alpha included."""
        return CHANNELS[self.channels][1]

    @property
    def sample_size(self) -> int:
        """The bytes of a sample."""
        return SAMPLES[self.sample][1]

    @property
    def pixel_size(self) -> int:
        """The bytes of a pixel."""
        return self.channel_count * self.sample_size


def _not_a_format(text: str) -> Error:
    return invalid(
        f"'{text}' is not a pixel format; give channels ({', '.join(CHANNELS)}) and a sample ({', '.join(SAMPLES)}), as "
        "in 'rgba u8'; add 'premultiplied' only to channels with alpha",
        _abi.ENL_ERROR_FORMAT,
    )
