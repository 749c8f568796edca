"""Pixels of GIMP's drawables, in formats that the library takes, and nothing lost on the way.

Values are asked for as the image's colour profile encodes them (R'G'B' in the image's own space): then the profile says
what they mean, and GEGL converts nothing but the type, and that only where the library has no such type.
"""

from dataclasses import dataclass

import gi

gi.require_version("Babl", "0.1")
gi.require_version("Gegl", "0.4")
gi.require_version("Gimp", "3.0")
from gi.repository import Babl, Gegl, Gimp  # noqa: E402

# Component types that GIMP and the library share. Others, and linear ones of all types, go through 32-bit floats.
TYPES = {"u8": "u8", "u16": "u16", "half": "f16", "float": "f32"}

# GIMP's name of the channels and the library's, by whether colour is gray and whether there is alpha.
CHANNELS = {
    (False, False): ("R'G'B'", "rgb"),
    (False, True): ("R'G'B'A", "rgba"),
    (True, False): ("Y'", "gray"),
    (True, True): ("Y'A", "gray_alpha"),
}


@dataclass(frozen=True)
class Pixels:
    """How a drawable's pixels travel.

    Attributes:
        babl: the name of GEGL's format.
        format: the library's, as text.
    """

    babl: str
    format: str


def pixels_of(drawable):
    """How this drawable's pixels travel."""
    native = drawable.get_format()
    channels, name = CHANNELS[drawable.is_gray(), drawable.has_alpha()]
    kind = "u8"
    if not Babl.format_is_palette(native):
        encoding, _, kind = Babl.format_get_encoding(native).rpartition(" ")
        if encoding != channels or kind not in TYPES:
            kind = "float"
    babl = Babl.get_name(Babl.format_with_space(f"{channels} {kind}", native))
    return Pixels(babl, f"{name} {TYPES[kind]}")


def profile_of(image):
    """The ICC profile that the image was given, as bytes; none where it is GIMP's own sRGB."""
    profile = image.get_color_profile()
    return bytes(profile.get_icc_profile()) if profile is not None else b""


def read(drawable, babl, x, y, width, height):
    """Pixels of a rectangle, in the drawable's own coordinates."""
    rect = Gegl.Rectangle.new(x, y, width, height)
    return drawable.get_buffer().get(rect, 1.0, babl, Gegl.AbyssPolicy.NONE)


def write(buffer, babl, x, y, width, height, pixels):
    """Puts pixels into a buffer, and sends them to GIMP.

    GEGL takes `bytes` many times faster than anything else. Nothing is left to be sent at the end.
    """
    buffer.set(Gegl.Rectangle.new(x, y, width, height), babl, bytes(pixels))
    buffer.flush()


def layer_type(drawable):
    """The type of a layer for such pixels; of an indexed one, that of its colours."""
    if drawable.is_gray():
        return Gimp.ImageType.GRAYA_IMAGE if drawable.has_alpha() else Gimp.ImageType.GRAY_IMAGE
    return Gimp.ImageType.RGBA_IMAGE if drawable.has_alpha() else Gimp.ImageType.RGB_IMAGE
