"""Which faces of the pictures the user leaves out.

A face is named by a place in it. Unlike a number in a list, a place still names the same face when the search finds others, and in
another picture it names none. Nothing here may look for faces.
"""

import itertools
import math
from array import array
from collections.abc import Hashable, Iterable, Sequence
from typing import Optional

from .errors import invalid
from .faces import Face, Point


def left_out(faces: Sequence[Face], places: Iterable[Point]) -> list[Face]:
    """The faces that these places name. A place names one face: of those whose box has it, the one whose middle is nearest."""
    named = [face for face in (_named(faces, place) for place in places) if face is not None]
    return [face for face in faces if any(face is other for other in named)]


def without_a_face(faces: Sequence[Face], places: Iterable[Point]) -> list[Point]:
    """The places that name no face."""
    return [place for place in places if _named(faces, place) is None]


def face_points(faces: Sequence[Face], places: Iterable[Point]) -> bytes:
    """The value of the option "face_points": the faces that are not left out, each as 17 native 32-bit floats."""
    out = left_out(faces, places)
    numbers = array("f")
    for face in faces:
        if not any(face is other for other in out):
            points = face.right_eye, face.left_eye, face.nose, face.mouth, face.right_ear, face.left_ear
            numbers.extend((face.left, face.top, face.width, face.height))
            numbers.extend(itertools.chain.from_iterable(points))
            numbers.append(face.score)
    return numbers.tobytes()


class FaceChoice:
    """The places of the faces that are left out, by the picture.

    Arguments:
        places: for each picture that has some, its places. A picture is named by what the host takes: a number, an identifier.
    """

    def __init__(self, places: Iterable[tuple[Hashable, Iterable[Point]]] = ()) -> None:
        self._places: dict[Hashable, tuple[Point, ...]] = {picture: tuple(some) for picture, some in places}

    def places(self, picture: Hashable) -> tuple[Point, ...]:
        """The places of a picture."""
        return self._places.get(picture, ())

    def switch(self, picture: Hashable, faces: Sequence[Face], face: Face) -> None:
        """Leaves out one of the faces of a picture, or takes it in again."""
        before = self.places(picture)
        after = tuple(place for place in before if _named(faces, place) is not face)
        if after == before:
            after = (*before, _middle(face))
        self._places[picture] = after

    @property
    def text(self) -> str:
        """All places as a text, for pictures that are named by numbers: "1: 120,80 300,95; 2: 33,40"."""
        return "; ".join(
            f"{picture}: " + " ".join(f"{x:g},{y:g}" for x, y in places)
            for picture, places in self._places.items()
            if places
        )


def choice_of(text: str) -> FaceChoice:
    """The choice of a text as FaceChoice.text makes it. The number of the picture may be missing if it is 1. Raises
    InvalidArgument for another text.
    """
    found: dict[Hashable, tuple[Point, ...]] = {}
    for part in text.split(";"):
        number, colon, places = part.rpartition(":")
        try:
            picture = int(number) if colon else 1
            pairs = [place.split(",") for place in places.split()]
            made = tuple((float(x), float(y)) for x, y in pairs)
            if picture < 1 or not all(map(math.isfinite, itertools.chain.from_iterable(made))):
                raise ValueError
        except ValueError:
            raise invalid(
                f"'{part.strip()}' does not say which faces are left out; give a place in each of them as x,y in pixels of the "
                "layer, and with several layers the number of the layer before: '1: 120,80 300,95; 2: 33,40'"
            ) from None
        found[picture] = (*found.get(picture, ()), *made)
    return FaceChoice(found.items())


def _middle(face: Face) -> Point:
    # Halves are exact as texts.
    return round(2 * face.left + face.width) / 2, round(2 * face.top + face.height) / 2


def _named(faces: Sequence[Face], place: Point) -> Optional[Face]:
    """The face that a place names."""
    x, y = place

    def away(face: Face) -> float:
        return (face.left + face.width / 2 - x) ** 2 + (face.top + face.height / 2 - y) ** 2

    having = [
        face for face in faces if 0 <= x - face.left <= face.width and 0 <= y - face.top <= face.height
    ]
    return min(having, key=away, default=None)
