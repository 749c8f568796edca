"""From the colours of an image's profile to those of a screen, by GEGL, as GIMP converts them."""

import gi

gi.require_version("Babl", "0.1")
gi.require_version("Gegl", "0.4")
from gi.repository import Babl, Gegl  # noqa: E402

# GEGL's names of the formats in which pixels come.
FORMATS = {"gray u16": "Y' u16", "gray_alpha u16": "Y'A u16", "rgba u16": "R'G'B'A u16"}
SCREEN = "R'G'B'A u8"


def to_srgb(picture, pixels, width, height, format):
    """The pixels of a layer's picture as "rgba u8" in sRGB, as Preview asks for them."""
    space = picture.key.get_format()
    profiled = Babl.get_name(Babl.format_with_space(FORMATS[str(format)], space))
    rect = Gegl.Rectangle.new(0, 0, width, height)
    buffer = Gegl.Buffer.new(SCREEN, 0, 0, width, height)
    buffer.set(rect, profiled, bytes(pixels))
    return buffer.get(rect, 1.0, SCREEN, Gegl.AbyssPolicy.NONE)
