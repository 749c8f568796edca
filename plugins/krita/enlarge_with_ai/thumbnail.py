"""A small picture of a layer or a document, made in turns, because reading a large one takes a while.

It reads some of the rows and columns, several for each small pixel, and averages them.
"""

from .display import image_of_layer
from .enlarger import Rect
from .qt import QtCore

# How many rows and columns are read for each row and column of the small picture.
SAMPLES = 3
# The bytes that are read in one turn.
TURN = 4 << 20


def thumbnail(source, width, height):
    """A generator that yields while it reads, and whose value is a QImage of that size at most.

    Arguments:
        source: a Source.
    """
    rect, size = source.rect, source.space.pixel_size
    columns, rows = min(width * SAMPLES, rect.width), min(height * SAMPLES, rect.height)
    lines, since = [], 0
    starts = [column * rect.width // columns * size for column in range(columns)]
    for row in range(rows):
        line = source.pixels(Rect(0, row * rect.height // rows, rect.width, 1))
        lines.append(b"".join(line[start : start + size] for start in starts))
        since += len(line)
        if since > TURN:
            since = 0
            yield
    image = image_of_layer(source.space, b"".join(lines), columns, rows)
    ignore, smooth = QtCore.Qt.AspectRatioMode.IgnoreAspectRatio, QtCore.Qt.TransformationMode.SmoothTransformation
    return image.scaled(width, height, ignore, smooth)
