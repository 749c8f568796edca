"""Options as the library describes them, and values for them.

Dialogs are built from the descriptions. No option may be known here by its key, so that a newer library's options need
no newer package.
"""

import ctypes
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional

from ._call import Handle, check, encode, read_text, whole_number
from ._load import load
from .damage import Damage
from .errors import invalid
from .pixels import Image, view

if TYPE_CHECKING:
    from .registry import Registry


@dataclass(frozen=True)
class Option:
    """The description of an option.

    Attributes:
        key: its name in settings.
        type: "choice", "integer", "float", "boolean", "bytes" or "mask".
        label, help: for people: a word or two, and a sentence or two.
        unit: of a number, such as "px"; may be empty.
        default: a str, int, float, bool or bytes, by the type; None for a mask.
        minimum, maximum: of a number; None for other types.
        choices: of a choice: pairs of a value and its label.
        choice_help: of a choice: what each of them is for, in the same order; texts may be empty.
        applies: whether the chosen preset, model or method uses the option.
        scope: "upscaler" if the option counts when an Upscaler is made, "run" if it counts for each plan and run.
        group: where a dialog shows the option: "size", "main", "more" or "advanced"; "host" if the host sets it and no dialog
            shows it.
    """

    key: str
    type: str
    label: str
    help: str
    unit: str
    default: Any
    minimum: Any = None
    maximum: Any = None
    choices: list[tuple[str, str]] = field(default_factory=list)
    choice_help: list[str] = field(default_factory=list)
    applies: bool = True
    scope: str = "run"
    group: str = "more"

    @property
    def automatic(self) -> bool:
        """Whether the default lets the library decide. The library's rule: the default is then the option's minimum, and it
        is 0 or -1.
        """
        return self.type == "integer" and bool(self.default == self.minimum <= 0)

    def help_of(self, value: str) -> str:
        """What one of the choices is for; empty if that is unknown."""
        return next((help for (known, _), help in zip(self.choices, self.choice_help) if known == value), "")


_PARSERS: dict[str, Any] = {
    "integer": int,
    "float": float,
    "boolean": lambda value: value == "on",
    "bytes": lambda value: b"",
    "mask": lambda value: None,
    "choice": str,
}


class Options(Handle):
    """Values by key, in the library; made for one call and closed after it.

    Arguments:
        settings: values by key; None means the default.
        scope: "upscaler" or "run": options of the other scope are refused, because they would have no effect. None allows
            both.
    """

    def __init__(
        self, registry: "Registry", settings: Optional[Mapping[str, Any]] = None, scope: Optional[str] = None
    ) -> None:
        library = load()
        super().__init__(library.enl_options_new, library.enl_options_free, registry._handle)
        try:
            for key, value in (settings or {}).items():
                if isinstance(value, Damage):
                    check(library.enl_options_set_damage(self._handle, value._handle))
                elif value is not None:
                    self._set(key, value)
                    self._check_scope(key, scope)
        except BaseException:
            self.close()
            raise

    def _set(self, key: str, value: Any) -> None:
        library, name = load(), encode(key, "an option's key")
        if isinstance(value, str):
            status = library.enl_options_set(self._handle, name, encode(value, f"the option '{key}'"))
        elif isinstance(value, numbers.Integral):
            number = whole_number(value, key, -(1 << 63), (1 << 63) - 1)
            status = library.enl_options_set_integer(self._handle, name, number)
        elif isinstance(value, numbers.Real):
            status = library.enl_options_set_float(self._handle, name, float(value))
        elif isinstance(value, Image):
            with view(value.data, value.width, value.height, value.format, value.stride, what="the mask") as mask:
                set_mask = library.enl_options_set_scratch_mask if key == "scratch_mask" else library.enl_options_set_mask
                status = set_mask(self._handle, ctypes.byref(mask))
        else:
            try:
                data = bytes(memoryview(value))
            except TypeError:
                kind = type(value).__name__
                raise TypeError(f"the option '{key}' takes a str, a number or bytes, not {kind}") from None
            status = library.enl_options_set_bytes(self._handle, name, data, len(data))
        check(status)

    def _check_scope(self, key: str, scope: Optional[str]) -> None:
        found = self.property(key, "scope")
        if scope is not None and found != scope:
            where = "when an Upscaler is made" if found == "upscaler" else "for a plan or a run"
            raise invalid(f"the option '{key}' only counts {where}; give it there")

    def keys(self) -> list[str]:
        """The keys of all options, in the order of a dialog."""
        count = ctypes.c_size_t()
        check(load().enl_options_count(self._handle, ctypes.byref(count)))
        return [read_text(load().enl_options_key, self._handle, index) for index in range(count.value)]

    def property(self, key: str, name: str) -> str:
        """One property of an option, as the library's text."""
        return read_text(load().enl_options_describe, self._handle, encode(key, "an option's key"), name.encode())

    def describe(self, key: str) -> Option:
        """The description of an option."""

        def get(name: str) -> str:
            return self.property(key, name)

        kind = get("type")
        parse = _PARSERS.get(kind, str)
        minimum, maximum = (parse(get(name)) if get(name) else None for name in ("minimum", "maximum"))
        return Option(
            key,
            kind,
            get("label"),
            get("help"),
            get("unit"),
            parse(get("default")),
            minimum,
            maximum,
            choices=list(zip(get("choices").splitlines(), get("choice_labels").splitlines())),
            choice_help=get("choice_help").split("\n") if kind == "choice" else [],
            applies=get("applies") == "yes",
            scope=get("scope"),
            group=get("group"),
        )
