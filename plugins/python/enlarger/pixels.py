"""Pixels in memory: other people's, and those that a run gives.

Memory of others is used where it is, whatever object it belongs to, and held only during a call. It must never be
copied, and never be touched outside what the object offers.
"""

import contextlib
import ctypes
import sys
from dataclasses import dataclass, field

from . import _abi
from ._call import whole
from .errors import invalid
from .formats import Format

MAX_SIDE = 1 << 20
_MAX_SIZE = sys.maxsize


@dataclass
class Image:
    """Pixels that a run made.

    Attributes:
        data: a bytearray, or what was given as ``out``.
        width, height: in pixels.
        format: a Format.
        stride: bytes from a row to the next.

    ``numpy.asarray(image)`` is an array of the shape (height, width, channels), or (height, width) of gray, without a
    copy.
    """

    data: object = field(repr=False)
    width: int
    height: int
    format: Format
    stride: int

    def row(self, y):
        """The bytes of a row, without padding, as a memoryview."""
        y = whole(y, "row", 0, self.height - 1)
        start = y * self.stride
        return memoryview(self.data).cast("B")[start : start + self.width * self.format.pixel_size]

    @property
    def __array_interface__(self):
        format = self.format
        shape = (self.height, self.width, format.channel_count)
        strides = (self.stride, format.pixel_size, format.sample_size)
        dimensions = 2 if format.channel_count == 1 else 3
        order = "|" if format.sample_size == 1 else "<" if sys.byteorder == "little" else ">"
        return {
            "version": 3,
            "shape": shape[:dimensions],
            "strides": strides[:dimensions],
            "typestr": f"{order}{format.sample[0]}{format.sample_size}",
            "data": self.data,
        }


class _Buffer(ctypes.Structure):
    """CPython's Py_buffer."""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    ]


_WRITABLE, _FORMAT, _STRIDES = 0x1, 0x4, 0x18
_get_buffer = ctypes.pythonapi.PyObject_GetBuffer
_get_buffer.argtypes, _get_buffer.restype = [ctypes.py_object, ctypes.POINTER(_Buffer), ctypes.c_int], ctypes.c_int
_release_buffer = ctypes.pythonapi.PyBuffer_Release
_release_buffer.argtypes, _release_buffer.restype = [ctypes.POINTER(_Buffer)], None


@contextlib.contextmanager
def view(pixels, width, height, format, stride=None, *, writable=False, what="the pixels"):
    """The enl_view of an object with the buffer protocol, which cannot shrink or go away meanwhile."""
    format = Format.of(format)
    width = whole(width, "width", 1, MAX_SIDE)
    height = whole(height, "height", 1, MAX_SIDE)
    buffer = _Buffer()
    try:
        # CPython's own way to memory: ctypes alone can neither see memory that is only to be read nor rows with gaps.
        _get_buffer(pixels, buffer, _STRIDES | _FORMAT | (_WRITABLE if writable else 0))
    except BufferError as error:
        raise invalid(f"the memory of {what} cannot be used: {error}", _abi.ENL_ERROR_BUFFER) from None
    except TypeError as error:
        raise TypeError(f"{what} cannot be used: {error}") from None
    try:
        _check_items(buffer, format, what)
        size, own_stride = _rows(buffer, width, height, format, what)
        if stride is None:
            stride = own_stride
        elif own_stride != width * format.pixel_size:
            raise invalid(f"{what} have rows with gaps by themselves; leave out the stride")
        stride = whole(stride, "stride", 0, _MAX_SIZE)
        yield _abi.enl_view(buffer.buf, size, stride, width, height, format.number, 0)
    finally:
        _release_buffer(buffer)


def _check_items(buffer, format, what):
    """Bytes may mean anything; other items must be samples of the format."""
    items = (buffer.format or b"B").decode()
    if buffer.itemsize not in (1, format.sample_size):
        raise invalid(
            f"{what} have items of {buffer.itemsize} bytes ('{items}'), and samples of '{format}' have "
            f"{format.sample_size}; convert one or name the other",
            _abi.ENL_ERROR_FORMAT,
        )
    foreign = ">!" if sys.byteorder == "little" else "<"
    if buffer.itemsize > 1 and items[0] in foreign:
        raise invalid(
            f"{what} are not in this machine's byte order ('{items}'); swap the bytes first", _abi.ENL_ERROR_FORMAT
        )


def _rows(buffer, width, height, format, what):
    """How many bytes there are from the first to the last, and from a row to the next."""
    row = width * format.pixel_size
    packed = buffer.itemsize
    shape = buffer.shape[: buffer.ndim]
    # None: there are no gaps. (ctypes leaves them out, whatever is asked for.)
    strides = buffer.strides[: buffer.ndim] if buffer.strides else None
    first = 1 if buffer.ndim > 1 else 0
    for i in reversed(range(first, buffer.ndim)):
        if strides and shape[i] > 1 and strides[i] != packed:
            raise invalid(f"{what} do not lie side by side in memory; make a contiguous copy")
        packed *= shape[i]
    gaps = strides and first and shape[0] > 1 and strides[0] != packed
    # An array that has the shape of a picture must have this one's: width and height are easily swapped.
    if (gaps or buffer.ndim == (2 if format.channel_count == 1 else 3)) and (shape[0], packed) != (height, row):
        raise invalid(
            f"{what} have {shape[0]} rows of {packed} bytes, and {height} of {row} are wanted", _abi.ENL_ERROR_BUFFER
        )
    if not gaps:
        return buffer.len, row
    # A part of a larger array.
    if strides[0] < packed:
        raise invalid(f"{what} have rows that overlap or run backwards; make a contiguous copy")
    return strides[0] * (height - 1) + packed, strides[0]
