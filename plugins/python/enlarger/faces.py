"""Faces: where they are in a picture. Nothing here may say whose they are."""

import ctypes
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from . import _abi
from ._call import Handle, check, whole_number
from ._callbacks import Callbacks, call
from ._load import load
from ._typing import Buffer
from .cancel import Cancel, cancel_handle
from .formats import Format
from .option import Options
from .picture import opened
from .pixels import MAX_SIDE
from .registry import Registry

Point = tuple[float, float]


@dataclass(frozen=True)
class Face:
    """A face, in pixels of the picture. The origin is the upper left corner of the upper left pixel.

    Attributes:
        left, top, width, height: the box around the face, from the eyebrows to the chin. It may reach over the border.
        right_eye, left_eye, nose, mouth, right_ear, left_ear: where they are, as (x, y). Right and left are the person's;
            the nose is its tip, the mouth its middle.
        score: how sure the search is, 0 to 1.
    """

    left: float
    top: float
    width: float
    height: float
    right_eye: Point
    left_eye: Point
    nose: Point
    mouth: Point
    right_ear: Point
    left_ear: Point
    score: float


class _List(Handle):
    """The faces in one picture, in the library."""

    def __init__(self, new: Callable[..., int], *arguments: Any) -> None:
        super().__init__(new, load().enl_faces_free, *arguments)

    def __len__(self) -> int:
        count = ctypes.c_size_t()
        check(load().enl_faces_count(self._handle, ctypes.byref(count)))
        return count.value

    def at(self, index: int) -> Face:
        raw = _abi.enl_face()
        check(load().enl_faces_get(self._handle, index, ctypes.byref(raw)))
        right_eye, left_eye, nose, mouth, right_ear, left_ear = zip(raw.points[::2], raw.points[1::2])
        box = raw.left, raw.top, raw.width, raw.height
        return Face(*box, right_eye, left_eye, nose, mouth, right_ear, left_ear, raw.score)


def stream_faces(
    read: Callable[[int, int, int], Buffer],
    width: int,
    height: int,
    format: Union[Format, str],
    *,
    progress: Optional[Callable[[float], Any]] = None,
    cancel: Optional[Cancel] = None,
    registry: Optional[Registry] = None,
    **options: Any,
) -> list[Face]:
    """Finds the faces in a picture that is read row by row, the surest first.

    Arguments:
        read: as for Upscaler.stream(): returns the pixels from column x on of row y. Rows are read whole, from top to bottom.
        width, height, format: of the picture.
        progress: called with the share that is done, 0 to 1; it may return False to stop.
        cancel: stops the search from another thread.
        registry: the Registry with the engines; a new one by default.
        **options: "engine", "device", "threads", "icc_profile" and "colour_space", as in the library.

    Raises Cancelled, InvalidArgument, EngineError, ModelError for an engine that cannot run the network of the search, OutOfMemory. An
    exception in a callback is raised again here.
    """
    width, height = whole_number(width, "width", 1, MAX_SIDE), whole_number(height, "height", 1, MAX_SIDE)
    pixel_format = Format.of(format)
    callbacks = Callbacks()

    def report(fraction: Optional[float], _: str) -> Any:
        return progress(fraction) if progress is not None and fraction is not None else None

    def new(*arguments: Any) -> int:
        call(callbacks, lambda: load().enl_faces_find(*arguments))
        return _abi.ENL_OK

    source = _abi.enl_source(callbacks.read(read, pixel_format.pixel_size), None, width, height, pixel_format.number, 0)
    known = registry if registry is not None else Registry()
    with Options(known, {name: value for name, value in options.items() if value is not None}) as values:
        steps = callbacks.steps(report)
        arguments = (known._handle, values._handle, source, cancel_handle(cancel), steps, None)
        with _List(new, *arguments) as found:
            return [found.at(index) for index in range(len(found))]


def find_faces(image: Any, **options: Any) -> list[Face]:
    """Finds the faces in a picture, the surest first: one of Pillow, an array of NumPy or an Image, as enlarge() takes them.

    Takes the same options as stream_faces() and raises the same exceptions, and TypeError for an object that is not a picture.
    The ICC profile in a picture of Pillow is honoured.
    """
    picture = opened(image, "the image")
    pixels = picture.pixels
    if options.get("icc_profile") is None:
        options["icc_profile"] = picture.icc_profile
    return stream_faces(lambda x, y, count: pixels.row(y), pixels.width, pixels.height, pixels.format, **options)
