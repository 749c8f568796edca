"""Pixels on the screen: Qt's pictures of them, and Krita's conversion to sRGB.

The library's colours must reach the screen by Krita's own conversion. Only sRGB itself needs none.
"""

from .colour_space import ColourSpace, convert
from .enlarger.patch import to_display
from .qt import QtCore, QtGui

SCREEN = ColourSpace("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
# The side of a field of the pattern behind transparent pixels, in pixels of the screen, and its colours.
FIELD, LIGHT, DARK = 8, "#999999", "#666666"


def to_srgb(space, pixels, width, height, format):
    """Pixels of the library with 16 bits in the profile of a layer's colour space, as "rgba u8" in sRGB."""
    if space.profile == SCREEN.profile:
        return to_display(pixels, format, False)
    model = "GRAYA" if format.channels.startswith("gray") else "RGBA"
    if format.channels == "gray":
        pixels = _with_alpha(pixels)
    native = swapped(pixels, 2) if model == "RGBA" else pixels
    return swapped(convert(native, width, height, ColourSpace(model, "U16", space.profile), SCREEN), 1)


def image_of(pixels, width, height):
    """A QImage of "rgba u8" pixels, with a copy of them."""
    return QtGui.QImage(pixels, width, height, width * 4, QtGui.QImage.Format.Format_RGBA8888).copy()


def image_of_layer(space, pixels, width, height):
    """A QImage of pixels in a layer's own colour space."""
    if space != SCREEN:
        pixels = convert(pixels, width, height, space, SCREEN)
    return QtGui.QImage(pixels, width, height, width * 4, QtGui.QImage.Format.Format_ARGB32).copy()


def draw_checks(painter, rect):
    """Draws what lies behind transparent pixels."""
    tile = QtGui.QPixmap(2 * FIELD, 2 * FIELD)
    tile.fill(QtGui.QColor(LIGHT))
    inside = QtGui.QPainter(tile)
    for corner in (0, FIELD):
        inside.fillRect(corner, corner, FIELD, FIELD, QtGui.QColor(DARK))
    inside.end()
    painter.drawTiledPixmap(rect, tile, QtCore.QPoint(0, 0))


def swapped(pixels, sample):
    """Pixels of four samples of that many bytes, with the first and the third exchanged."""
    swapped, size = bytearray(pixels), 4 * sample
    for byte in range(sample):
        swapped[byte::size] = pixels[2 * sample + byte :: size]
        swapped[2 * sample + byte :: size] = pixels[byte::size]
    return bytes(swapped)


def _with_alpha(pixels):
    """Gray pixels of 16 bits with full alpha."""
    both = bytearray(b"\xff" * (2 * len(pixels)))
    both[0::4], both[1::4] = pixels[0::2], pixels[1::2]
    return bytes(both)
