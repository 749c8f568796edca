"""What was measured in pictures, once: reading a whole picture takes too long for each patch of it.

A measure belongs to the pixels of a picture and to no setting, but whether one is needed depends on the settings. Only the
library knows that, so it must always be asked.
"""

from collections.abc import Mapping
from typing import Any, Callable, Optional

from ._typing import Buffer
from .cancel import Cancel
from .host import Picture


class _Known(Exception):
    """The library wants to measure a picture of which the measure is known."""


class KnownMeasures:
    """What one function of Upscaler, measure() or measure_content(), has found. One thread uses it."""

    def __init__(self) -> None:
        self._known: list[tuple[Any, Any]] = []

    def measure(
        self,
        function: Callable[..., Any],
        picture: Picture,
        read: Callable[[int, int, int], Buffer],
        cancel: Optional[Cancel],
        arguments: Mapping[str, Any],
    ) -> Optional[Any]:
        """What the function finds. The picture's rows are read only if that is needed and not known yet."""
        what = picture.pixels_of
        known = next((found for of, found in self._known if of == what), None)

        def rows(x: int, y: int, width: int) -> Buffer:
            if known is not None:
                raise _Known
            return read(x, y, width)

        try:
            found = function(rows, picture.width, picture.height, picture.format, cancel=cancel, **arguments)
        except _Known:
            return known
        if found is not None and known is None:
            self._known.append((what, found))
        return found
