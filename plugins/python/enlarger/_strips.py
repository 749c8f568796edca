"""Rows for the library, strips for the host.

A host is quick with many rows at once, the library wants and gives single ones. No more than one strip of each is held
here.
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
    """Gives rows, from strips that it asks for by read(rect)."""

    def __init__(self, read, bottom, pixel_size):
        self._read = read
        self._bottom = bottom
        self._pixel_size = pixel_size
        self._strip = memoryview(b"")
        self._first = self._end = 0

    def row(self, x, y, width):
        """One row, as the library asks for it."""
        size = width * self._pixel_size
        if not self._first <= y < self._end:
            count = min(strip_rows(size), max(self._bottom - y, 1))
            strip = memoryview(self._read(Rect(x, y, width, count))).cast("B")
            if strip.nbytes != size * count:
                raise ValueError(
                    f"the host gave {strip.nbytes} bytes for {count} rows of {width} pixels, which are {size * count}"
                )
            self._strip, self._first, self._end = strip, y, y + count
        start = (y - self._first) * size
        return self._strip[start : start + size]


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
