"""Options: what there is to choose, as the library describes it, and how a choice is said to it.

Dialogs are built from the descriptions. No option is known here by its key: new ones of the library need no new
package.
"""

import ctypes
import numbers
from dataclasses import dataclass, field
from typing import Any

from ._call import Handle, check, encoded, text, whole
from ._load import load
from .errors import invalid


@dataclass(frozen=True)
class Option:
    """What a dialog needs to know of an option.

    Attributes:
        key: what it is called in settings.
        type: "choice", "integer", "float", "boolean" or "bytes".
        label, help: for people; the label is a word or two, the help a sentence or two.
        unit: of a number, such as "px"; may be empty.
        default: a str, int, float, bool or bytes, by the type.
        minimum, maximum: of a number; None of others.
        choices: of a choice: pairs of a value and its name for people.
        choice_help: of a choice: what each of them is for, in their order; may be empty.
        applies: whether the preset or the model has a use for it.
        scope: "upscaler" where it counts when an Upscaler is made, "run" where for each plan and run.
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

    @property
    def automatic(self):
        """Whether the default means that the library takes what is best: by its rule that of a whole number which is the
        least there is, 0 or -1.
        """
        return self.type == "integer" and self.default == self.minimum <= 0

    def help_of(self, value):
        """What one of the choices is for; empty where that is not said, or there is no such choice."""
        return next((help for (known, _), help in zip(self.choices, self.choice_help) if known == value), "")


_VALUES = {
    "integer": int,
    "float": float,
    "boolean": lambda value: value == "on",
    "bytes": lambda value: b"",
    "choice": str,
}


class Options(Handle):
    """Values by key, in the library; made for one call and closed after it."""

    def __init__(self, registry, settings=None, scope=None):
        library = load()
        super().__init__(library.enl_options_new, library.enl_options_free, registry._handle)
        try:
            for key, value in (settings or {}).items():
                if value is not None:
                    self._set(key, value)
                    self._check_scope(key, scope)
        except BaseException:
            self.close()
            raise

    def _set(self, key, value):
        library, name = load(), encoded(key, "an option's key")
        if isinstance(value, str):
            status = library.enl_options_set(self._handle, name, encoded(value, f"the option '{key}'"))
        elif isinstance(value, numbers.Integral):
            number = whole(value, key, -(1 << 63), (1 << 63) - 1)
            status = library.enl_options_set_integer(self._handle, name, number)
        elif isinstance(value, numbers.Real):
            status = library.enl_options_set_float(self._handle, name, float(value))
        else:
            try:
                data = bytes(memoryview(value))
            except TypeError:
                kind = type(value).__name__
                raise TypeError(f"the option '{key}' takes a str, a number or bytes, not {kind}") from None
            status = library.enl_options_set_bytes(self._handle, name, data, len(data))
        check(status)

    def _check_scope(self, key, scope):
        """Refuses what would be set and not looked at."""
        other = self.property(key, "scope")
        if scope is not None and other != scope:
            place = "where an Upscaler is made" if other == "upscaler" else "where something is planned or run"
            raise invalid(f"the option '{key}' counts {place}; give it there")

    def keys(self):
        """All keys there are, in the order of a dialog."""
        count = ctypes.c_size_t()
        check(load().enl_options_count(self._handle, ctypes.byref(count)))
        return [text(load().enl_options_key, self._handle, index) for index in range(count.value)]

    def property(self, key, name):
        """One property of an option, as the library says it."""
        return text(load().enl_options_describe, self._handle, encoded(key, "an option's key"), name.encode())

    def describe(self, key):
        """The whole description of an option."""

        def get(name):
            return self.property(key, name)

        kind = get("type")
        value = _VALUES.get(kind, str)
        ends = [value(get(end)) if get(end) else None for end in ("minimum", "maximum")]
        return Option(
            key,
            kind,
            get("label"),
            get("help"),
            get("unit"),
            value(get("default")),
            *ends,
            choices=list(zip(get("choices").splitlines(), get("choice_labels").splitlines())),
            choice_help=get("choice_help").split("\n") if kind == "choice" else [],
            applies=get("applies") == "yes",
            scope=get("scope"),
        )
