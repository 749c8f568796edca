"""Rows for the library, strips for the host.

A host is quick with many rows at once, the library wants and gives single ones. No more than two strips that are read and
one that is written are held here.
"""

from .upscaler import Rect

# Bytes and rows of a strip at most; a single row may be larger.
MOST_BYTES = 4 << 20
MOST_ROWS = 256
# Hosts keep pixels in tiles of 64 or 128 rows. A tile that is written whole need not be read first.
TILE_ROWS = 128


def strip_rows(row_size):
    """How many rows make a strip."""
    rows = max(1, min(MOST_ROWS, MOST_BYTES // row_size))
    return rows - rows % TILE_ROWS if rows > TILE_ROWS else rows


class StripReader:
    """Gives rows, from strips that it asks for by send(rect), which returns what is waited for. While the rows of one are
    used, the next is on its way.
    """

    def __init__(self, send, bottom, pixel_size):
        self._send = send
        self._bottom = bottom
        self._pixel_size = pixel_size
        self._strip = memoryview(b"")
        self._rect = Rect(0, 0, 0, 0)
        self._coming = None

    def row(self, x, y, width):
        """One row, as the library asks for it."""
        if not self._rect.y <= y < self._rect.y + self._rect.height:
            self._next(self._cut(x, y, width))
        size = width * self._pixel_size
        start = (y - self._rect.y) * size
        return self._strip[start : start + size]

    def _cut(self, x, y, width):
        """The strip that begins with a row."""
        return Rect(x, y, width, min(strip_rows(width * self._pixel_size), max(self._bottom - y, 1)))

    def _next(self, rect):
        coming, request = self._coming or (None, None)
        if coming != rect:
            request = self._send(rect)
        strip = memoryview(request.wait()).cast("B")
        wanted = rect.width * rect.height * self._pixel_size
        if strip.nbytes != wanted:
            raise ValueError(
                f"the host gave {strip.nbytes} bytes for {rect.height} rows of {rect.width} pixels, which are {wanted}"
            )
        self._strip, self._rect = strip, rect
        after = rect.y + rect.height
        following = self._cut(rect.x, after, rect.width)
        self._coming = (following, self._send(following)) if after < self._bottom else None


class StripWriter:
    """Takes rows, and gives strips to write(rect, pixels)."""

    def __init__(self, write, width, height, pixel_size):
        self._write = write
        self._width, self._height = width, height
        self._count = strip_rows(width * pixel_size)
        self._rows = []

    def row(self, y, row):
        """One row, as the library gives it."""
        self._rows.append(row)
        if len(self._rows) == self._count or y + 1 == self._height:
            rect = Rect(0, y + 1 - len(self._rows), self._width, len(self._rows))
            pixels = b"".join(self._rows)
            self._rows.clear()
            self._write(rect, pixels)
