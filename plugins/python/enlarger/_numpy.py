"""Arrays of NumPy: their pixels, and results as such arrays.

NumPy is imported only when an array is at hand, so that the package works without it. The range of values follows from the
dtype and must never be guessed from the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _abi
from ._opened import Opened
from .errors import Error, invalid
from .formats import Format
from .pixels import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAMPLES = {"uint8": "u8", "uint16": "u16", "float16": "f16", "float32": "f32"}
_CHANNELS = {1: "gray", 2: "gray_alpha", 3: "rgb", 4: "rgba"}


def opened(array: NDArray[Any]) -> Opened:
    """An array. Its pixels are copied only if they are not adjacent in memory or in another byte order."""
    import numpy

    if isinstance(array, numpy.ma.MaskedArray):
        raise invalid("a masked array cannot be enlarged; use array.filled(VALUE)", _abi.ENL_ERROR_FORMAT)
    sample = _SAMPLES.get(array.dtype.name)
    if sample is None:
        raise invalid(
            f"an array of the dtype {array.dtype} cannot be enlarged; convert it to uint8 (0 to 255), uint16 (0 to 65535), "
            "float16 or float32 (0.0 is black and 1.0 is white)",
            _abi.ENL_ERROR_FORMAT,
        )
    height, width, channels = _shape(array)
    format = Format(channels, sample)
    items = numpy.ascontiguousarray(array, array.dtype.newbyteorder("="))
    pixels = Image(items.data, width, height, format, width * format.pixel_size)
    return Opened(pixels, lambda made, _: _like(array, made))


def _like(array: NDArray[Any], made: Image) -> NDArray[Any]:
    """A result with the dtype of `array`, and with its dimensions."""
    import numpy

    large = numpy.asarray(made).reshape(made.height, made.width, *array.shape[2:])
    return large.astype(array.dtype, copy=False)


def _shape(array: NDArray[Any]) -> tuple[int, int, str]:
    """The height, the width and the channels."""
    shape = array.shape
    if len(shape) == 2:
        return shape[0], shape[1], "gray"
    if len(shape) == 3 and shape[2] in _CHANNELS:
        return shape[0], shape[1], _CHANNELS[shape[2]]
    raise _not_a_picture(shape)


def _not_a_picture(shape: tuple[int, ...]) -> Error:
    advice = ""
    if len(shape) == 3 and shape[0] in _CHANNELS:
        advice = "; if the channels come first here, use numpy.moveaxis(array, 0, -1)"
    elif len(shape) == 4:
        advice = "; enlarge the pictures of a batch one by one"
    return invalid(
        f"an array of the shape {shape} is not a picture; give (height, width) or (height, width, channels) with 1 to 4 "
        f"channels: gray, gray and alpha, RGB or RGBA{advice}",
        _abi.ENL_ERROR_FORMAT,
    )
