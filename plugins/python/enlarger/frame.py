"""The frame of a preview: the part of the result that the user looks at, and where it lies in the picture.

A frame is a rectangle of whole pixels of the result. All functions are plain geometry; they must never know a toolkit.
Rounding must be the library's: both edges of a rectangle times the factor, rounded.
"""

import math
from dataclasses import dataclass, replace
from typing import Optional

from .geometry import rounded
from .upscaler import Rect

# Width and height in pixels.
Size = tuple[int, int]


@dataclass(frozen=True)
class Look:
    """What the user wants to look at. It stays valid when the size of the result changes.

    Attributes:
        x, y: the centre, in pixels of the source.
        width, height: of the frame, in pixels of the result. See look_size() for a zoom.
    """

    x: float
    y: float
    width: int
    height: int


def look_size(view: Size, zoom: int) -> Size:
    """The size of the frame that fills a view of so many pixels of the screen. At a zoom of 2, a pixel of the result covers
    2 × 2 pixels of the screen.
    """
    return max(math.ceil(view[0] / zoom), 1), max(math.ceil(view[1] / zoom), 1)


def enlarged_part(part: Optional[Rect], source: Size, result: Size) -> Rect:
    """The rectangle of the result for a rectangle of the source, or for all of it: at least one pixel."""
    if part is None:
        return Rect(0, 0, *result)
    x, width = _enlarged(part.x, part.x + part.width, source[0], result[0])
    y, height = _enlarged(part.y, part.y + part.height, source[1], result[1])
    return Rect(x, y, width, height)


def frame_of(look: Look, source: Size, result: Size, part: Optional[Rect] = None) -> Rect:
    """The frame for a look, in pixels of the whole result.

    It is moved, and made smaller if it must be, to lie in the part that is enlarged.

    Arguments:
        source, result: the sizes of the whole picture before and after.
        part: the rectangle of the source that is enlarged, such as the selection; all of it by default.
    """
    limits = enlarged_part(part, source, result)
    x, width = _clamped(look.x * result[0] / source[0], look.width, limits.x, limits.width)
    y, height = _clamped(look.y * result[1] / source[1], look.height, limits.y, limits.height)
    return Rect(x, y, width, height)


def centred(look: Look, source: Size, result: Size, part: Optional[Rect] = None) -> Look:
    """The same look with its centre in the middle of its frame. Without this, a frame that was dragged beyond an edge would
    stay there for a while on the way back.
    """
    frame = frame_of(look, source, result, part)
    x = (frame.x + frame.width / 2) * source[0] / result[0]
    y = (frame.y + frame.height / 2) * source[1] / result[1]
    return replace(look, x=x, y=y)


def moved(look: Look, across: float, down: float, source: Size, result: Size, part: Optional[Rect] = None) -> Look:
    """The look after a move by so many pixels of the result."""
    x, y = look.x + across * source[0] / result[0], look.y + down * source[1] / result[1]
    return centred(replace(look, x=x, y=y), source, result, part)


def source_of(frame: Rect, source: Size, result: Size, part: Optional[Rect] = None) -> Rect:
    """The smallest rectangle of the source whose enlargement contains the frame."""
    limits = part if part is not None else Rect(0, 0, *source)
    x, width = _covering(frame.x, frame.width, source[0], result[0], limits.x, limits.x + limits.width)
    y, height = _covering(frame.y, frame.height, source[1], result[1], limits.y, limits.y + limits.height)
    return Rect(x, y, width, height)


def fitted(picture: Size, box: Size) -> Size:
    """The largest size with the picture's proportions that fits into a box; at least one pixel."""
    scale = min(box[0] / picture[0], box[1] / picture[1])
    return tuple(max(min(rounded(side * scale), most), 1) for side, most in zip(picture, box))  # type: ignore[return-value]


def on_thumbnail(frame: Rect, result: Size, thumbnail: Size) -> tuple[float, float, float, float]:
    """Where the frame lies on a small picture of that size: left, top, width and height."""
    across, down = thumbnail[0] / result[0], thumbnail[1] / result[1]
    return frame.x * across, frame.y * down, frame.width * across, frame.height * down


def from_thumbnail(x: float, y: float, thumbnail: Size, source: Size) -> tuple[float, float]:
    """The point of the source for a point of a small picture; points beside it count as its edge."""
    x, y = min(max(x, 0.0), thumbnail[0]), min(max(y, 0.0), thumbnail[1])
    return x * source[0] / thumbnail[0], y * source[1] / thumbnail[1]


def _place(v: int, source: int, result: int) -> int:
    return rounded(v * result / source)


def _enlarged(start: int, end: int, source: int, result: int) -> tuple[int, int]:
    first = min(_place(start, source, result), result - 1)
    return first, max(_place(end, source, result), first + 1) - first


def _clamped(centre: float, length: int, start: int, most: int) -> tuple[int, int]:
    """The start and the length of a line around a centre, inside of another one."""
    length = max(min(length, most), 1)
    return min(max(rounded(centre - length / 2), start), start + most - length), length


def _covering(start: int, length: int, source: int, result: int, first: int, last: int) -> tuple[int, int]:
    """The last pixel of the source whose edge is rounded to the start or before it, and the first after the end."""
    left = -(-(2 * start + 1) * source // (2 * result)) - 1
    right = -(-(2 * (start + length) - 1) * source // (2 * result))
    left = min(max(left, first), last - 1)
    return left, max(min(right, last), left + 1) - left
