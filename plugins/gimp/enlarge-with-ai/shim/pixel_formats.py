"""The formats in which pixels go from GIMP's drawables to the library and back.

GEGL gives values as the image's colour profile encodes them (R'G'B' in the image's own space), and the library gets the
profile. GEGL must never convert anything but the sample type, and that only if the library does not have the type.
"""

from dataclasses import dataclass

import gi

gi.require_version("Babl", "0.1")
gi.require_version("Gegl", "0.4")
gi.require_version("Gimp", "3.0")
from gi.repository import Babl, Gegl, Gimp  # noqa: E402

# Component types that GIMP and the library share. Other types, and linear pixels of all types, go through 32-bit floats.
TYPES = {"u8": "u8", "u16": "u16", "half": "f16", "float": "f32"}

# GIMP's and the library's names of the channels, by whether they are gray and whether there is alpha.
CHANNELS = {
    (False, False): ("R'G'B'", "rgb"),
    (False, True): ("R'G'B'A", "rgba"),
    (True, False): ("Y'", "gray"),
    (True, True): ("Y'A", "gray_alpha"),
}


@dataclass(frozen=True)
class PixelFormat:
    """The format of a drawable's pixels.

    Attributes:
        babl: the name of GEGL's format.
        format: the library's format, as a text.
    """

    babl: str
    format: str


def pixel_format_of(drawable):
    native = drawable.get_format()
    channels, name = CHANNELS[drawable.is_gray(), drawable.has_alpha()]
    kind = "u8"
    if not Babl.format_is_palette(native):
        encoding, _, kind = Babl.format_get_encoding(native).rpartition(" ")
        if encoding != channels or kind not in TYPES:
            kind = "float"
    babl = Babl.get_name(Babl.format_with_space(f"{channels} {kind}", native))
    return PixelFormat(babl, f"{name} {TYPES[kind]}")


def profile_of(image):
    """The bytes of the image's ICC profile; empty if it has none, which means GIMP's sRGB."""
    profile = image.get_color_profile()
    return bytes(profile.get_icc_profile()) if profile is not None else b""


def read(drawable, babl, x, y, width, height):
    """The pixels of a rectangle in the drawable's own coordinates."""
    rect = Gegl.Rectangle.new(x, y, width, height)
    return drawable.get_buffer().get(rect, 1.0, babl, Gegl.AbyssPolicy.NONE)


def write(buffer, babl, x, y, width, height, pixels):
    """Writes pixels to a buffer and sends them to GIMP at once.

    GEGL takes `bytes` many times faster than other types.
    """
    buffer.set(Gegl.Rectangle.new(x, y, width, height), babl, bytes(pixels))
    buffer.flush()


def layer_type(drawable):
    """The type of a layer for the drawable's pixels; an indexed drawable needs an RGB layer."""
    if drawable.is_gray():
        return Gimp.ImageType.GRAYA_IMAGE if drawable.has_alpha() else Gimp.ImageType.GRAY_IMAGE
    return Gimp.ImageType.RGBA_IMAGE if drawable.has_alpha() else Gimp.ImageType.RGB_IMAGE
