"""Advice: what spoils an enlargement of a picture, and what to do about it.

The library makes the sentences. Nothing may be added to them here.
"""

import ctypes
from dataclasses import dataclass
from typing import Any, Callable, Optional

from ._call import Handle, check, read_text
from ._load import load


@dataclass(frozen=True)
class Advice:
    """A piece of advice on a picture.

    Attributes:
        code: what it is about: "enlarged", "small", "noisy", "compressed", "blurred", "content", "sharpened", "clipped",
            "screened" or "large". The codes never change; later versions may add some.
        value: the figure; enl_advice_value in the header says what it measures.
        sentence: what is wrong, with the figure, in English.
        action: what to do, in English.
        option: the option that does it and its value, as (key, value), or None.
    """

    code: str
    value: float
    sentence: str
    action: str
    option: Optional[tuple[str, str]]


class _List(Handle):
    """The advice on one picture, in the library."""

    def __init__(self, new: Callable[..., int], *arguments: Any) -> None:
        super().__init__(new, load().enl_advice_free, *arguments)

    def __len__(self) -> int:
        count = ctypes.c_size_t()
        check(load().enl_advice_count(self._handle, ctypes.byref(count)))
        return count.value

    def at(self, index: int) -> Advice:
        def text(name: bytes) -> str:
            return read_text(load().enl_advice_text, self._handle, index, name)

        value = ctypes.c_double()
        check(load().enl_advice_value(self._handle, index, ctypes.byref(value)))
        key = text(b"option")
        option = (key, text(b"option_value")) if key else None
        return Advice(text(b"code"), value.value, text(b"sentence"), text(b"action"), option)


def listed(new: Callable[..., int], *arguments: Any) -> list[Advice]:
    """The advice that `new` makes; the arguments are those of enl_advice_new without the last one."""
    with _List(new, *arguments) as found:
        return [found.at(index) for index in range(len(found))]
