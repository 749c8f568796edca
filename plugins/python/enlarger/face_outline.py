"""The outline of a face in a preview: an oval from its box and points, in pixels of the frame that the user looks at.

It is for the eye and for the pointer. The library blends faces softly, by an oval of its own that reaches a little further. All is
plain geometry; nothing here may know a toolkit.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from .faces import Face, Point
from .geometry import rounded
from .patch import Patch

Pixel = tuple[int, int]

# The half axes of the oval, along the line of the eyes and across it, in widths and heights of the face's box; and how far above
# the middle of the box the oval has its own, in heights. The box reaches from the eyebrows to the chin, which is two of the
# three equal parts of a face, so the hair line lies half a box above it. core/src/faces/oval.rs has the same oval.
ACROSS, DOWN, RAISED = 0.62, 0.72, 0.17
# The corners of the polygon that stands for the oval. With a half axis of 1000 pixels it is nowhere a pixel beside the oval.
CORNERS = 72
# The lengths of a dash and of the gap after it, in units of the desktop.
DASH, GAP = 6, 5


@dataclass(frozen=True)
class FaceOutline:
    """The outline of a face.

    Attributes:
        face: the Face.
        points: the corners of a polygon, in pixels of the screen from the upper left corner of the frame. They may lie outside it.
    """

    face: Face
    points: tuple[Point, ...]

    def has(self, x: float, y: float) -> bool:
        """Whether a place lies inside."""
        inside = False
        for (left, top), (right, bottom) in _sides(self.points):
            if (top > y) != (bottom > y) and x < left + (y - top) * (right - left) / (bottom - top):
                inside = not inside
        return inside

    @property
    def area(self) -> float:
        """In square pixels of the screen."""
        return abs(sum(left * bottom - right * top for (left, top), (right, bottom) in _sides(self.points))) / 2


def outlines(patch: Patch, zoom: int = 1) -> list[FaceOutline]:
    """The outlines of the faces of a patch that can be seen in its frame. A pixel of the result covers `zoom` × `zoom` pixels of the
    screen.
    """
    across, down = (result / source for result, source in zip(patch.size, patch.source_size))
    made = []
    for face in patch.faces or ():
        points = tuple(
            ((x * across - patch.frame.x) * zoom, (y * down - patch.frame.y) * zoom) for x, y in _oval(face)
        )
        if _touches(points, patch.frame.width * zoom, patch.frame.height * zoom):
            made.append(FaceOutline(face, points))
    return made


def outline_at(shown: Iterable[FaceOutline], x: float, y: float) -> Optional[FaceOutline]:
    """The outline around a place: of several the smallest, which may lie in another one. None if there is none."""
    return min((outline for outline in shown if outline.has(x, y)), key=lambda outline: outline.area, default=None)


def outline_pixels(
    outline: FaceOutline, size: tuple[int, int], scale: int, dashed: bool
) -> tuple[set[Pixel], set[Pixel]]:
    """The pixels of the line for a toolkit that draws none: a dark one, and on it a light one of a third of its width, so that it
    can be seen on every picture.

    Arguments:
        size: width and height of the frame on the screen; pixels outside it are left out.
        scale: pixels of the screen for each unit of the desktop.

    Returns the places (x, y) of the dark pixels and of the light ones.
    """
    steps = _steps(outline.points, size, scale, dashed)
    corners = {(rounded(x - scale / 2), rounded(y - scale / 2)) for x, y in steps}
    light = _grown(corners, 0, scale)
    dark = _grown(corners, -scale, 2 * scale)
    return _inside(dark - light, size), _inside(light, size)


def _grown(corners: set[Pixel], start: int, end: int) -> set[Pixel]:
    """The pixels of a square at each of these places, from `start` to before `end` in both directions."""
    rows = {(x, y + j) for x, y in corners for j in range(start, end)}
    return {(x + i, y) for x, y in rows for i in range(start, end)}


def _inside(pixels: set[Pixel], size: tuple[int, int]) -> set[Pixel]:
    return {(x, y) for x, y in pixels if 0 <= x < size[0] and 0 <= y < size[1]}


def _oval(face: Face) -> Iterator[Point]:
    """The corners of the oval, in pixels of the source."""
    right_eye, left_eye, mouth = face.right_eye, face.left_eye, face.mouth
    # From the middle between the eyes to the mouth. In profile the eyes lie close together, and this tells the direction.
    down = mouth[0] - (right_eye[0] + left_eye[0]) / 2, mouth[1] - (right_eye[1] + left_eye[1]) / 2
    x, y = left_eye[0] - right_eye[0] + down[1], left_eye[1] - right_eye[1] - down[0]
    length = math.hypot(x, y)
    x, y = (x / length, y / length) if length else (1.0, 0.0)
    # Up is a quarter turn from the line of the eyes.
    middle_x = face.left + face.width / 2 + RAISED * face.height * y
    middle_y = face.top + face.height / 2 - RAISED * face.height * x
    for corner in range(CORNERS):
        angle = 2 * math.pi * corner / CORNERS
        along, across = ACROSS * face.width * math.cos(angle), DOWN * face.height * math.sin(angle)
        yield middle_x + along * x - across * y, middle_y + along * y + across * x


def _sides(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    """The sides of a polygon, each with its two ends."""
    return zip(points, (*points[1:], points[0]))


def _touches(points: Sequence[Point], width: int, height: int) -> bool:
    """Whether a polygon and the frame may have a place in common, by the box around the polygon."""
    columns, rows = zip(*points)
    return bool(min(columns) < width and max(columns) > 0 and min(rows) < height and max(rows) > 0)


def _steps(points: Sequence[Point], size: tuple[int, int], scale: int, dashed: bool) -> Iterator[Point]:
    """Places along the sides of a polygon, at most half a pixel apart, without those of gaps and of sides far outside."""
    walked, reach = 0.0, 2 * scale
    for (left, top), (right, bottom) in _sides(points):
        length = math.hypot(right - left, bottom - top)
        seen = all(
            min(ends) < most + reach and max(ends) > -reach
            for ends, most in (((left, right), size[0]), ((top, bottom), size[1]))
        )
        count = max(math.ceil(2 * length), 1) if seen else 0
        for step in range(count):
            share = step / count
            if not dashed or (walked + share * length) % ((DASH + GAP) * scale) < DASH * scale:
                yield left + share * (right - left), top + share * (bottom - top)
        walked += length
