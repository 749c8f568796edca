"""enlarge(): a picture of Pillow, NumPy or this package becomes a larger one of the same kind.

For people who have a picture in Python and want a large one. Pillow and NumPy must never be needed for anything else, and
are never imported before the caller has done so.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar, overload

from . import _numpy, _pillow
from ._opened import Opened
from .pixels import Image
from .run_options import RunOptions
from .upscaler import Upscaler

if TYPE_CHECKING:
    import numpy
    import PIL.Image
    from numpy.typing import NDArray

    from ._typing import Unpack
    from .cancel import Cancel
    from .progress import Progress
    from .upscaler import RectLike

    _Scalar = TypeVar("_Scalar", bound=numpy.generic)


class PictureOptions(RunOptions, total=False):
    """The options of enlarge(): those of RunOptions and these. All are optional.

    preset: what the result should be like; "natural" by default.
    model: the id of an installed model, to use it instead of a preset.
    method: "nearest", "bilinear", "bicubic" or "lanczos", to use no network.
    engine, device, threads, precision: as Upscaler takes them.
    upscaler: an Upscaler to use instead of a new one; with many pictures this saves a fraction of a second for each. It
        has its own preset, model, method, engine, device, threads and precision.
    rect, progress, cancel: as Upscaler.run() takes them.
    """

    preset: Optional[str]
    model: Optional[str]
    method: Optional[str]
    engine: Optional[str]
    device: Optional[str]
    threads: Optional[int]
    precision: Optional[str]
    upscaler: Optional[Upscaler]
    rect: Optional[RectLike]
    progress: Optional[Callable[[Progress], Any]]
    cancel: Optional[Cancel]


# What an Upscaler is made with, besides the preset.
_MAKE = ("model", "method", "engine", "device", "threads", "precision")


@overload
def enlarge(image: PIL.Image.Image, **options: Unpack[PictureOptions]) -> PIL.Image.Image: ...


@overload
def enlarge(image: NDArray[_Scalar], **options: Unpack[PictureOptions]) -> NDArray[_Scalar]: ...


@overload
def enlarge(image: Image, **options: Unpack[PictureOptions]) -> Image: ...


def enlarge(image: Any, *, preset: Optional[str] = None, factor: Optional[float] = None, **options: Any) -> Any:
    """Enlarges a picture, or restores it with a preset whose factor is 1.

    Arguments:
        image: a picture of Pillow, an array of NumPy, or an Image. Arrays have the shape (height, width) or (height, width,
            channels) with gray, gray and alpha, RGB or RGBA, and the dtype uint8, uint16, float16 or float32; floats
            are 0.0 for black and 1.0 for white. Pictures of Pillow have the mode L, LA, RGB, RGBA or I;16.
        preset: what the result should be like; "natural" by default.
        factor: how many times wider and higher the result is; the preset's own factor by default.
        **options: see PictureOptions.

    Returns the same kind of picture, with the same mode or dtype. The ICC profile in the `info` of a picture of Pillow is
    honoured and kept, as everything else there. The profile of an array is the option `icc_profile`. A mask can be of any of
    these kinds too.

    What could not be done as asked is a warning (UserWarning). Raises the exceptions of Upscaler and of Upscaler.run(), and
    TypeError for an object that is not a picture.
    """
    unknown = [name for name in options if name not in PictureOptions.__annotations__]
    if unknown:
        names = ", ".join(PictureOptions.__annotations__)
        raise TypeError(f"enlarge() has no argument '{unknown[0]}'; the arguments are: {names}")
    small = opened(image, "the image")
    pixels = small.pixels
    if options.get("icc_profile") is None:
        options["icc_profile"] = small.icc_profile
    if _needs_opening(options.get("mask")):
        options["mask"] = opened(options["mask"], "the mask").pixels
    settings = {"preset": preset, **{name: options.pop(name, None) for name in _MAKE}}
    with _upscaler(options.pop("upscaler", None), settings) as upscaler:
        large = upscaler.run(
            pixels.data, pixels.width, pixels.height, pixels.format, stride=pixels.stride, factor=factor, **options
        )
        for note in upscaler.notes:
            warnings.warn(note, stacklevel=2)
    return small.like(large, options["icc_profile"])


def opened(image: Any, what: str) -> Opened:
    if isinstance(image, Image):
        return Opened(image, lambda made, _: made)
    # Whoever has such a picture has imported its module.
    pillow, numpy = sys.modules.get("PIL.Image"), sys.modules.get("numpy")
    if pillow is not None and isinstance(image, pillow.Image):
        return _pillow.opened(image)
    if numpy is not None and isinstance(image, numpy.ndarray):
        return _numpy.opened(image)
    raise TypeError(
        f"{what} must be a picture of Pillow, an array of NumPy or an enlarger.Image, not {type(image).__name__}; open a "
        "file with PIL.Image.open, or make an array of other pixels with numpy.asarray"
    )


def _needs_opening(mask: Any) -> bool:
    """Whether a mask is something else than the bytes that Upscaler.run() takes."""
    return mask is not None and not isinstance(mask, (bytes, bytearray, memoryview))


@contextlib.contextmanager
def _upscaler(given: Optional[Upscaler], settings: dict[str, Any]) -> Iterator[Upscaler]:
    """The caller's upscaler, or a new one that is closed afterwards."""
    if given is None:
        with Upscaler(**settings) as made:
            yield made
        return
    twice = [name for name, value in settings.items() if value is not None]
    if twice:
        raise TypeError(f"give {twice[0]} or an upscaler, not both; the upscaler has its own {twice[0]}")
    yield given
