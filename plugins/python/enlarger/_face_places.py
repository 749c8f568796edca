"""The faces of pictures, found once, and what a run is told about them.

Where faces are belongs to the pixels of a picture and to no setting, but whether that is needed depends on the settings. Only the
library knows that, so it must always be asked.
"""

import struct
from collections.abc import Mapping
from typing import Any, Callable, Optional

from ._noise_levels import NoiseLevels
from ._typing import Buffer
from .cancel import Cancel
from .faces import Face, stream_faces
from .host import Picture
from .translation import _
from .upscaler import Upscaler
from .upscaler_cache import UpscalerCache

Rows = Callable[[int, int, int], Buffer]


def packed(faces: list[Face]) -> bytes:
    """The faces as the option "face_points" takes them."""
    numbers: list[float] = []
    for face in faces:
        points = (face.right_eye, face.left_eye, face.nose, face.mouth, face.right_ear, face.left_ear)
        box = (face.left, face.top, face.width, face.height)
        numbers += [*box, *(number for point in points for number in point), face.score]
    return struct.pack(f"={len(numbers)}f", *numbers)


class FacePlaces:
    """The faces that were found. One thread uses it."""

    def __init__(self, upscalers: UpscalerCache, levels: NoiseLevels) -> None:
        self._upscalers = upscalers
        self._levels = levels
        self._known: list[tuple[Any, bytes]] = []

    def options(
        self,
        upscaler: Upscaler,
        picture: Picture,
        rows: Callable[[], Rows],
        cancel: Optional[Cancel],
        arguments: Mapping[str, Any],
    ) -> tuple[dict[str, Any], Optional[str]]:
        """The options that a run with these arguments needs in addition, and a note for the user.

        `rows` begins to read the picture from the top. That is done only if the faces, or the noise level for them, are needed and
        not known yet.
        """
        if not upscaler.wants_faces(picture.width, picture.height, **arguments):
            return {}, None
        points = next((points for of, points in self._known if of == picture.pixels_of), None)
        if points is None:
            colour = {key: arguments["options"].get(key) for key in ("icc_profile", "colour_space")}
            registry, size = self._upscalers.registry, (picture.width, picture.height)
            faces = stream_faces(rows(), *size, picture.format, cancel=cancel, registry=registry, **colour)
            points = packed(faces)
            self._known.append((picture.pixels_of, points))
        if not points:
            return {"faces": "off"}, _("No face was found, so the whole picture is enlarged alike.")
        told: dict[str, Any] = {"face_points": points}
        with_points = {**arguments, "options": {**arguments["options"], **told}}
        level = self._levels.measure(upscaler.measure_faces, picture, rows(), cancel, with_points)
        if level is not None:
            told["face_denoise"] = level
        return told, None
