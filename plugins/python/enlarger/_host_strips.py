"""Converts between the host's strips and the library's rows.

A host is fast with many rows at once; the library takes and gives single rows. At most two strips that were read and one
that is being written must ever be in memory.
"""

from typing import Any, Callable, Optional

from ._host_thread import Call
from .upscaler import Rect

# The limits of a strip. A single row may be larger.
MAX_BYTES = 4 << 20
MAX_ROWS = 256
# Hosts keep pixels in tiles of 64 or 128 rows. A tile that is written whole need not be read first.
TILE_ROWS = 128


def strip_rows(row_size: int) -> int:
    """How many rows a strip has, for rows of that many bytes."""
    rows = max(1, min(MAX_ROWS, MAX_BYTES // row_size))
    return rows - rows % TILE_ROWS if rows > TILE_ROWS else rows


class StripReader:
    """Gives single rows out of strips that it requests from the host. It requests the next strip while the rows of the
    current one are used.

    Arguments:
        request: called with a Rect; returns the Call whose result is the strip's pixels.
        bottom: the row below the last one that may be read.
        pixel_size: bytes of a pixel.
    """

    def __init__(self, request: Callable[[Rect], Call], bottom: int, pixel_size: int) -> None:
        self._request = request
        self._bottom = bottom
        self._pixel_size = pixel_size
        self._strip = memoryview(b"")
        self._rect = Rect(0, 0, 0, 0)
        self._next: Optional[tuple[Rect, Call]] = None

    def row(self, x: int, y: int, width: int) -> memoryview:
        """One row, as Upscaler.stream() reads it."""
        if not self._rect.y <= y < self._rect.y + self._rect.height:
            self._load(self._strip_from(x, y, width))
        size = width * self._pixel_size
        start = (y - self._rect.y) * size
        return self._strip[start : start + size]

    def _strip_from(self, x: int, y: int, width: int) -> Rect:
        """The strip that begins with a row."""
        return Rect(x, y, width, min(strip_rows(width * self._pixel_size), max(self._bottom - y, 1)))

    def _load(self, rect: Rect) -> None:
        requested, call = self._next or (None, None)
        if call is None or requested != rect:
            call = self._request(rect)
        strip = memoryview(call.result()).cast("B")
        expected = rect.width * rect.height * self._pixel_size
        if strip.nbytes != expected:
            raise ValueError(
                f"the host gave {strip.nbytes} bytes for {rect.height} rows of {rect.width} pixels; {expected} bytes are "
                "needed"
            )
        self._strip, self._rect = strip, rect
        below = rect.y + rect.height
        following = self._strip_from(rect.x, below, rect.width)
        self._next = (following, self._request(following)) if below < self._bottom else None


class StripWriter:
    """Collects single rows into strips and passes each to write(rect, pixels)."""

    def __init__(self, write: Callable[[Rect, bytes], Any], width: int, height: int, pixel_size: int) -> None:
        self._write = write
        self._width, self._height = width, height
        self._count = strip_rows(width * pixel_size)
        self._rows: list[bytes] = []

    def row(self, y: int, row: bytes) -> None:
        """One row, as Upscaler.stream() writes it."""
        self._rows.append(row)
        if len(self._rows) == self._count or y + 1 == self._height:
            rect = Rect(0, y + 1 - len(self._rows), self._width, len(self._rows))
            pixels = b"".join(self._rows)
            self._rows.clear()
            self._write(rect, pixels)
