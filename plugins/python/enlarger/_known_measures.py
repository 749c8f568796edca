"""What a run must know of a picture before it is streamed: noise levels, what the picture is, and its damage. It is measured once:
reading a whole picture takes too long for each patch of it.

A measure belongs to the pixels of a picture, and damage to some settings besides. Whether one is needed depends on the settings; only
the library knows that, so it must always be asked.
"""

import collections
from collections.abc import Mapping
from typing import Any, Callable, Optional

from ._host_strips import StripReader
from ._host_thread import Call
from ._typing import Buffer
from .cancel import Cancel
from .damage import Damage
from .formats import Format
from .host import Picture
from .upscaler import Rect
from .upscaler_cache import UpscalerCache

# The most measures that are kept. The damage of a picture takes a bit for each pixel.
_MOST = 24
# The options that damage depends on. Of "fading", it only counts whether there is any.
_OF_DAMAGE = ("scratches", "wrap", "faces", "face_points")


class _Known(Exception):
    """The library wants to measure a picture of which the measure is known."""


class KnownMeasures:
    """The measures that were made. One thread uses it.

    Arguments:
        upscalers: the UpscalerCache that knows which settings need them.
    """

    def __init__(self, upscalers: UpscalerCache) -> None:
        self._upscalers = upscalers
        self._known: collections.deque[tuple[Any, Any]] = collections.deque(maxlen=_MOST)

    def find(
        self, picture: Picture, settings: Mapping[str, Any], read: Callable[[Rect], Call], cancel: Optional[Cancel]
    ) -> dict[str, Any]:
        """The options of a run that follow from the picture, by key. `read` is called with a Rect of the picture, and returns the Call
        whose result is its pixels. The picture's rows are read only if that is needed and not known yet.
        """
        upscaler = self._upscalers.upscaler(settings)
        arguments = self._upscalers.run_arguments(picture, settings)
        del arguments["rect"]
        options = arguments["options"]
        damage = settings.get("preset"), options.get("fading") == 0, *map(options.get, _OF_DAMAGE)

        def measured(measure: Callable[..., Any], *key: Any) -> Any:
            rows = StripReader(read, picture.height, Format.of(picture.format).pixel_size).row
            return self._measure(measure, (picture.pixels_of, *key), picture, rows, cancel, arguments)

        found = {
            # Both are the noise level of the whole picture.
            "denoise": measured(upscaler.measure, "level"),
            "face_denoise": measured(upscaler.measure_faces, "level"),
            "content": measured(upscaler.measure_content, "content"),
            "damage": measured(upscaler.find_damage, "damage", damage),
        }
        return {key: value for key, value in found.items() if value is not None}

    def _measure(
        self,
        measure: Callable[..., Any],
        what: Any,
        picture: Picture,
        read: Callable[[int, int, int], Buffer],
        cancel: Optional[Cancel],
        arguments: Mapping[str, Any],
    ) -> Any:
        """What `measure` finds; None if it says that this is not needed."""
        known = next((found for of, found in self._known if of == what and not _is_lost(found)), None)

        def rows(x: int, y: int, width: int) -> Buffer:
            if known is not None:
                raise _Known
            return read(x, y, width)

        try:
            found = measure(rows, picture.width, picture.height, picture.format, cancel=cancel, **arguments)
        except _Known:
            return known
        if found is not None and known is None:
            self._known.append((what, found))
        return found


def _is_lost(found: Any) -> bool:
    """Whether damage that was found has ended with its worker. Other measures are numbers and texts."""
    return isinstance(found, Damage) and found.is_lost
