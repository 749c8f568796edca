"""The advice on pictures, looked for once for each question: a look reads the whole picture.

The question is what the picture is to become: what enlarges it, and by which factor. Only the library knows what follows
from that; nothing here may judge.
"""

from collections.abc import Mapping
from typing import Any, Callable, Optional

from ._host_strips import StripReader
from ._host_thread import Call
from ._typing import Buffer
from .advice import Advice
from .advice_line import AT_MOST
from .cancel import Cancel
from .formats import Format
from .host import Picture
from .upscaler import Rect
from .upscaler_cache import NETWORK_KEYS, SIZE_KEYS, UpscalerCache


class KnownAdvice:
    """The advice that was found. One thread uses it."""

    def __init__(self) -> None:
        self._known: list[tuple[Any, list[Advice]]] = []

    def find(
        self,
        upscalers: UpscalerCache,
        picture: Picture,
        settings: Mapping[str, Any],
        read: Callable[[Rect], Call],
        cancel: Cancel,
    ) -> list[Advice]:
        """The advice on a picture, or on the part of it that is enlarged.

        Arguments:
            read: called with a Rect of the picture; returns the Call whose result is its pixels.
        """
        factor = upscalers.whole_size(picture, settings)[0] / picture.width
        chosen = [settings.get(key) or None for key in NETWORK_KEYS]
        question = picture.pixels_of, picture.rect, factor, chosen
        known = next((advice for asked, advice in self._known if asked == question), None)
        if known is None:
            known = _look(upscalers, picture, settings, factor, read, cancel)
            self._known.append((question, known))
        return known


def _look(
    upscalers: UpscalerCache,
    picture: Picture,
    settings: Mapping[str, Any],
    factor: float,
    read: Callable[[Rect], Call],
    cancel: Cancel,
) -> list[Advice]:
    arguments = upscalers.run_arguments(picture, settings)
    part: Optional[Rect] = arguments["rect"]
    part = part or Rect(0, 0, picture.width, picture.height)
    # The size is that of the whole picture, and the look is at a part of it. What advice names as an amount can change without
    # a new look: the dialog leaves out what it follows.
    left_out = {*SIZE_KEYS, *AT_MOST}
    options = {key: value for key, value in arguments["options"].items() if key not in left_out}
    strips = StripReader(read, part.y + part.height, Format.of(picture.format).pixel_size)

    def row(x: int, y: int, width: int) -> Buffer:
        return strips.row(part.x + x, part.y + y, width)

    upscaler = upscalers.upscaler(settings)
    return upscaler.advise(row, part.width, part.height, picture.format, cancel=cancel, factor=factor, options=options)
