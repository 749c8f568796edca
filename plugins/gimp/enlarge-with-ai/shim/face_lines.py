"""The outlines of faces, drawn on pixbufs.

Cairo would draw them, but Python's binding of it is not installed with every GIMP 3. So the pixels of the lines are worked out and
set one by one. All others must stay as they are: the user judges them.
"""

from gi.repository import GdkPixbuf, GLib

from enlarger.face_outline import outline_pixels

DARK, LIGHT = bytes((0, 0, 0)), bytes((255, 255, 255))


def with_outlines(pixbufs, outlines, left_out, scale):
    """New pixbufs with lines on them, or the same ones if there are no outlines.

    Arguments:
        pixbufs: of the same size.
        outlines: each a FaceOutline.
        left_out: the faces whose lines are dashed.
        scale: pixels of the screen for each unit of the desktop.
    """
    if not outlines:
        return pixbufs
    size = pixbufs[0].get_width(), pixbufs[0].get_height()
    lines = [outline_pixels(outline, size, scale, outline.face in left_out) for outline in outlines]
    return [_drawn(pixbuf, lines) for pixbuf in pixbufs]


def _drawn(pixbuf, lines):
    pixels, row, channels = bytearray(pixbuf.get_pixels()), pixbuf.get_rowstride(), pixbuf.get_n_channels()
    for line in lines:
        for colour, places in zip((DARK, LIGHT), line):
            for x, y in places:
                at = y * row + x * channels
                pixels[at : at + 3] = colour
    size = pixbuf.get_width(), pixbuf.get_height()
    return GdkPixbuf.Pixbuf.new_from_bytes(
        GLib.Bytes.new(bytes(pixels)), pixbuf.get_colorspace(), pixbuf.get_has_alpha(), 8, *size, row
    )
