"""The noise levels of pictures, measured once: reading a whole picture takes too long for each patch of it.

A level belongs to the pixels of a picture and to no setting, but whether one is needed depends on the settings. Only the
library knows that, so it must always be asked.
"""

from collections.abc import Mapping
from typing import Any, Callable, Optional

from ._typing import Buffer
from .cancel import Cancel
from .host import Picture


class _Known(Exception):
    """The library wants to measure a picture whose level is known."""


class NoiseLevels:
    """The levels that were measured. One thread uses it."""

    def __init__(self) -> None:
        self._known: list[tuple[Any, int]] = []

    def measure(
        self,
        ask: Callable[..., Optional[int]],
        picture: Picture,
        read: Callable[[int, int, int], Buffer],
        cancel: Optional[Cancel],
        arguments: Mapping[str, Any],
    ) -> Optional[int]:
        """`ask`, which is measure() or measure_faces() of an Upscaler, for a picture. Its rows are read only if its level is needed and not known yet."""
        what = picture.pixels_of
        known = next((level for of, level in self._known if of == what), None)

        def rows(x: int, y: int, width: int) -> Buffer:
            if known is not None:
                raise _Known
            return read(x, y, width)

        try:
            level = ask(rows, picture.width, picture.height, picture.format, cancel=cancel, **arguments)
        except _Known:
            return known
        if level is not None and known is None:
            self._known.append((what, level))
        return level
