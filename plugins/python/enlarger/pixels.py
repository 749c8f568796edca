"""Pixels in memory: the caller's, and the images that runs make.

The caller's memory is used where it is, whatever object owns it, and only during a call. It must never be copied, and
never be accessed outside the object's buffer.
"""

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from . import _abi
from ._call import whole_number
from ._typing import Buffer
from .errors import invalid
from .formats import Format

MAX_SIDE = 1 << 20
_MAX_SIZE = sys.maxsize


@dataclass
class Image:
    """The result of a run.

    Attributes:
        data: a bytearray, or the object that was passed as ``out``.
        width, height: in pixels.
        format: a Format.
        stride: bytes from the start of a row to the start of the next.

    ``numpy.asarray(image)`` is an array of the shape (height, width, channels), or (height, width) for gray, without a
    copy.
    """

    data: Buffer = field(repr=False)
    width: int
    height: int
    format: Format
    stride: int

    def row(self, y: int) -> memoryview:
        """The bytes of a row, without padding."""
        y = whole_number(y, "row", 0, self.height - 1)
        start = y * self.stride
        return memoryview(self.data).cast("B")[start : start + self.width * self.format.pixel_size]

    @property
    def __array_interface__(self) -> dict[str, Any]:
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


def mask_image(pixels: Buffer, width: int, height: int) -> Image:
    """Pixels of a mask in the format "gray u8", as an Image. A NumPy array may be a part of a larger one."""
    width = whole_number(width, "width", 1, MAX_SIDE)
    with view(pixels, width, height, "gray u8", what="the mask") as mask:
        return Image(pixels, width, height, Format.of("gray u8"), mask.stride)


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
def view(
    pixels: Buffer,
    width: int,
    height: int,
    format: Union[Format, str],
    stride: Optional[int] = None,
    *,
    writable: bool = False,
    what: str = "the pixels",
) -> Iterator[_abi.enl_view]:
    """The enl_view of an object with the buffer protocol. The object cannot resize or free its memory inside the block.

    `what` names the object in error messages.
    """
    format = Format.of(format)
    width = whole_number(width, "width", 1, MAX_SIDE)
    height = whole_number(height, "height", 1, MAX_SIDE)
    buffer = _Buffer()
    try:
        # CPython's own function: ctypes alone handles neither read-only memory nor rows with padding.
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
        elif own_stride not in (width * format.pixel_size, stride):
            raise invalid(f"the rows of {what} already have padding; leave out the stride")
        stride = whole_number(stride, "stride", 0, _MAX_SIZE)
        yield _abi.enl_view(buffer.buf, size, stride, width, height, format.number, 0)
    finally:
        _release_buffer(buffer)


def _check_items(buffer: _Buffer, format: Format, what: str) -> None:
    """Refuses items that are neither bytes nor samples of the format."""
    items = (buffer.format or b"B").decode()
    if buffer.itemsize not in (1, format.sample_size):
        raise invalid(
            f"the items of {what} have {buffer.itemsize} bytes ('{items}'), but samples of '{format}' have "
            f"{format.sample_size}; convert the items or give another format",
            _abi.ENL_ERROR_FORMAT,
        )
    foreign = ">!" if sys.byteorder == "little" else "<"
    if buffer.itemsize > 1 and items[0] in foreign:
        raise invalid(
            f"the items of {what} are not in this machine's byte order ('{items}'); swap their bytes first",
            _abi.ENL_ERROR_FORMAT,
        )


def _rows(buffer: _Buffer, width: int, height: int, format: Format, what: str) -> tuple[int, int]:
    """The bytes from the first to the last, and the bytes from a row to the next."""
    row = width * format.pixel_size
    packed = buffer.itemsize
    shape = buffer.shape[: buffer.ndim]
    # None means no padding. ctypes never gives strides, whatever is asked for.
    strides = buffer.strides[: buffer.ndim] if buffer.strides else None
    first = 1 if buffer.ndim > 1 else 0
    for i in reversed(range(first, buffer.ndim)):
        if strides and shape[i] > 1 and strides[i] != packed:
            raise invalid(f"the items of {what} are not adjacent in memory; make a contiguous copy")
        packed *= shape[i]
    padded = strides is not None and first == 1 and shape[0] > 1 and strides[0] != packed
    # The shape of an array must be the picture's, because width and height are easily swapped.
    if (padded or buffer.ndim == (2 if format.channel_count == 1 else 3)) and (shape[0], packed) != (height, row):
        raise invalid(
            f"the memory of {what} has {shape[0]} rows of {packed} bytes; {height} rows of {row} bytes are needed",
            _abi.ENL_ERROR_BUFFER,
        )
    if strides is None or not padded:
        return buffer.len, row
    # This is a part of a larger array.
    if strides[0] < packed:
        raise invalid(f"the rows of {what} overlap or run backwards; make a contiguous copy")
    return strides[0] * (height - 1) + packed, strides[0]
