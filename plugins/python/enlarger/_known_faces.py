"""The faces of pictures, looked for once: a search reads the whole picture.

Faces belong to the pixels of a picture and to no setting. Whether they are needed depends on the settings; only the library knows
that, so it must always be asked. Nothing but the faces may be kept: neither pixels, nor what the search needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Callable, Optional

from ._host_strips import StripReader
from ._host_thread import Call
from .cancel import Cancel
from .face_choice import face_points
from .faces import Face
from .formats import Format
from .host import Picture
from .upscaler import Rect
from .upscaler_cache import UpscalerCache


class KnownFaces:
    """The faces that were found. One thread uses it.

    Arguments:
        upscalers: the UpscalerCache that knows which settings need them.
    """

    def __init__(self, upscalers: UpscalerCache) -> None:
        self._upscalers = upscalers
        self._known: list[tuple[Any, Sequence[Face]]] = []

    def wanted(self, picture: Picture, settings: Mapping[str, Any]) -> bool:
        """Whether a search is needed: these settings treat faces, and those of the picture are not known."""
        return self._upscalers.wants_faces(picture, settings) and self._of(picture) is None

    def find(
        self, picture: Picture, settings: Mapping[str, Any], read: Callable[[Rect], Call], cancel: Optional[Cancel]
    ) -> None:
        """Looks for the faces of a picture. `read` is called with a Rect of the picture, and returns the Call whose result is its
        pixels.
        """
        rows = StripReader(read, picture.height, Format.of(picture.format).pixel_size).row
        self._known.append((picture.pixels_of, self._upscalers.find_faces(picture, settings, rows, cancel)))

    def of(self, picture: Picture, settings: Mapping[str, Any]) -> Optional[Sequence[Face]]:
        """All faces of a picture; None if these settings treat none, or they are not known yet."""
        return self._of(picture) if self._upscalers.wants_faces(picture, settings) else None

    def put_into(self, picture: Picture, settings: Mapping[str, Any]) -> Picture:
        """The picture with its faces, without those that are left out, among its settings; the same picture if it has no use for
        them, or they are not known yet.
        """
        faces = self.of(picture, settings)
        if faces is None:
            return picture
        points = face_points(faces, picture.faces_left_out)
        # Without points the library would look for faces itself.
        changes = {"face_points": points} if points else {"faces": "off"}
        return replace(picture, settings={**picture.settings, **changes})

    def _of(self, picture: Picture) -> Optional[Sequence[Face]]:
        return next((faces for of, faces in self._known if of == picture.pixels_of), None)
