"""Pixbufs for the preview: pixels of the library on checks, larger, greyed, and with lines.

The pixels must only be copied or repeated, never smoothed: the user judges them.
"""

from gi.repository import GdkPixbuf, GLib

NEAREST = GdkPixbuf.InterpType.NEAREST
# GIMP's usual checks, and the gray under a picture that is out of date.
CHECK, LIGHT, DARK, GRAY = 8, 0x999999, 0x666666, 0x808080
OPAQUE, GREYED = 255, 90
WHITE, BLACK = 0xFFFFFFFF, 0x000000FF


def pixbuf_of(pixels, width, height):
    """The pixbuf of "rgba u8" pixels."""
    bytes = GLib.Bytes.new(pixels)
    return GdkPixbuf.Pixbuf.new_from_bytes(bytes, GdkPixbuf.Colorspace.RGB, True, 8, width, height, 4 * width)


def shown(pixbuf, zoom=1, greyed=False):
    """A new pixbuf with each pixel repeated, on checks where it is transparent; or pale if it is out of date."""
    light, dark, alpha = (GRAY, GRAY, GREYED) if greyed else (LIGHT, DARK, OPAQUE)
    width, height = pixbuf.get_width() * zoom, pixbuf.get_height() * zoom
    return pixbuf.composite_color_simple(width, height, NEAREST, alpha, CHECK, light, dark)


def fill(pixbuf, x, y, width, height, colour):
    """Fills the part of a rectangle that lies inside of a pixbuf."""
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, pixbuf.get_width()), min(y + height, pixbuf.get_height())
    if right > left and bottom > top:
        pixbuf.new_subpixbuf(left, top, right - left, bottom - top).fill(colour)


def outline(pixbuf, x, y, width, height, colour, thickness):
    """Draws the border of a rectangle, inside of it."""
    fill(pixbuf, x, y, width, thickness, colour)
    fill(pixbuf, x, y + height - thickness, width, thickness, colour)
    fill(pixbuf, x, y, thickness, height, colour)
    fill(pixbuf, x + width - thickness, y, thickness, height, colour)
