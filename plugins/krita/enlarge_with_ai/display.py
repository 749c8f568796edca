"""Pixels on the screen: Qt's pictures of them, and their conversion to sRGB."""

from .colour_space import ColourSpace, convert, profile_bytes
from .enlarger.patch import to_display
from .qt import QtCore, QtGui

SCREEN = ColourSpace("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
# The profiles of Krita whose values are those of sRGB.
SCREEN_CURVES = SCREEN.profile, "Gray-D50-elle-V2-srgbtrc.icc"
# The side of a field of the pattern behind transparent pixels, in pixels of the screen, and its colours.
FIELD, LIGHT, DARK = 8, "#999999", "#666666"


def to_srgb(space, pixels, width, height, format):
    """Pixels of the library with 16 bits in the profile of a layer's colour space, as "rgba u8" in sRGB."""
    if space.profile in SCREEN_CURVES:
        return to_display(pixels, format, False)
    if not format.channels.startswith("gray"):
        # Qt takes some milliseconds, Krita as long as it needs for a new document.
        profile = QtGui.QColorSpace.fromIccProfile(QtCore.QByteArray(profile_bytes(space)))
        if profile.isValid():
            return _converted(profile, pixels, width, height)
        return swapped(convert(swapped(pixels, 2), width, height, _with_16_bits("RGBA", space), SCREEN), 1)
    both = pixels if format.has_alpha else _with_alpha(pixels)
    return swapped(convert(both, width, height, _with_16_bits("GRAYA", space), SCREEN), 1)


def _with_16_bits(model, space):
    return ColourSpace(model, "U16", space.profile)


def _converted(profile, pixels, width, height):
    """Qt's conversion of colour with 16 bits. tests/krita compares it with Krita's."""
    image = QtGui.QImage(pixels, width, height, width * 8, QtGui.QImage.Format.Format_RGBA64)
    image.setColorSpace(profile)
    converted = image.convertedToColorSpace(QtGui.QColorSpace(QtGui.QColorSpace.NamedColorSpace.SRgb))
    shown = converted.convertToFormat(QtGui.QImage.Format.Format_RGBA8888)
    memory = shown.constBits()
    memory.setsize(width * height * 4)
    return bytes(memory)


def image_of(pixels, width, height):
    """A QImage of "rgba u8" pixels, with a copy of them."""
    return QtGui.QImage(pixels, width, height, width * 4, QtGui.QImage.Format.Format_RGBA8888).copy()


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
