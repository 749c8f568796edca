"""Pixels on the screen: Qt's pictures of them, and their conversion to sRGB."""

from .colour_space import ColourSpace, convert, profile_bytes
from .qt import QtCore, QtGui

SCREEN = ColourSpace("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")
# The profiles of Krita whose values are those of sRGB.
SCREEN_CURVES = SCREEN.profile, "Gray-D50-elle-V2-srgbtrc.icc"
# The side of a field of the pattern behind transparent pixels, in pixels of the screen, and its colours.
FIELD, LIGHT, DARK = 8, "#999999", "#666666"


def to_srgb(space, pixels, width, height, format):
    """Pixels of the library with 16 bits in the profile of a layer's colour space, as "rgba u8" in sRGB."""
    gray = format.channels.startswith("gray")
    if gray:
        pixels = _gray_as_colour(pixels, format.has_alpha)
    if space.profile in SCREEN_CURVES:
        return _with_8_bits(pixels, width, height)
    # Qt takes some milliseconds, Krita as long as it needs for a new document. Not all of Qt's versions know gray profiles.
    profile = None if gray else QtGui.QColorSpace.fromIccProfile(QtCore.QByteArray(profile_bytes(space)))
    if profile is not None and profile.isValid():
        return _with_8_bits(pixels, width, height, profile)
    native = _colour_as_gray(pixels) if gray else swapped(pixels, 2)
    given = ColourSpace("GRAYA" if gray else "RGBA", "U16", space.profile)
    return swapped(convert(native, width, height, given, SCREEN), 1)


def _with_8_bits(pixels, width, height, profile=None):
    """Colour with 16 bits as "rgba u8", converted from a QColorSpace to sRGB. tests/krita compares it with Krita's."""
    image = QtGui.QImage(pixels, width, height, width * 8, QtGui.QImage.Format.Format_RGBA64)
    if profile is not None:
        image.setColorSpace(profile)
        image = image.convertedToColorSpace(QtGui.QColorSpace(QtGui.QColorSpace.NamedColorSpace.SRgb))
    shown = image.convertToFormat(QtGui.QImage.Format.Format_RGBA8888)
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


def _gray_as_colour(pixels, has_alpha):
    """Gray pixels of 16 bits as red, green, blue and alpha."""
    size = 4 if has_alpha else 2
    colour = bytearray(b"\xff" * (len(pixels) // size * 8))
    for byte in (0, 1):
        for channel in range(3):
            colour[2 * channel + byte :: 8] = pixels[byte::size]
        if has_alpha:
            colour[6 + byte :: 8] = pixels[2 + byte :: size]
    return bytes(colour)


def _colour_as_gray(pixels):
    """The same pixels as gray and alpha."""
    gray = bytearray(len(pixels) // 2)
    for byte in (0, 1):
        gray[byte::4], gray[2 + byte :: 4] = pixels[byte::8], pixels[6 + byte :: 8]
    return bytes(gray)
