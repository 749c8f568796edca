"""Arguments of a call: taken as ctypes takes them, sent by their types in C, and given back what the library has written.

The types come from the header, and the worker states its own when it starts, so that both sides agree on every byte.
"""

import ctypes
from typing import Any, Callable, Optional

from .. import _abi
from .frames import F64, I32, MOST_BYTES, U32, U64, Values, counted
from .handles import Handles
from .memory import Memory, Part, row_of

_I64 = U64.__class__("=q")
_SOME, _NULL = b"\1", b"\0"

_NUMBERS: dict[str, Any] = {"int32_t": I32, "uint32_t": U32, "int64_t": _I64, "double": F64}
_VALUES = ("size_t *", "int32_t *", "double *", "enl_plan *", "enl_face *")
_CALLBACKS = ("enl_progress_callback", "enl_step_callback", "enl_log_callback")

# The views that the library writes to, as it does not say in its types.
_WRITTEN = {("enl_upscaler_run", 7), ("enl_damage_mask", 1)}

_HANDLE_NAMES = {
    f"{prefix}enl_{name} *"
    for name in ("registry", "options", "upscaler", "cancel", "advice", "faces", "damage")
    for prefix in ("", "const ")
}


class Function:
    """A function of the library: its name, what it returns, and the types of its parameters."""

    def __init__(self, place: int, name: str) -> None:
        self.place = place
        self.name = name
        declared: Any = _abi.FUNCTIONS[name]
        self.restype, self.argtypes = declared[0], list(declared[1])
        self.result, *self.types = _abi.TYPES[name].split(", ")
        self.handles = [i for i, kind in enumerate(self.types) if kind in _HANDLE_NAMES]
        self.cancel = next((i for i, kind in enumerate(self.types) if kind == "const enl_cancel *"), None)

    @property
    def makes(self) -> bool:
        """Whether it makes an object."""
        return self.types[-1:] != [] and self.types[-1].endswith(" **")

    def accept(self, arguments: tuple[Any, ...]) -> None:
        """Raises what ctypes raises for arguments of other numbers or types."""
        if len(arguments) != len(self.types):
            raise TypeError(f"{self.name} takes {len(self.types)} arguments ({len(arguments)} given)")
        for i, (kind, value) in enumerate(zip(self.argtypes, arguments)):
            try:
                kind.from_param(value)
            except TypeError as error:
                raise ctypes.ArgumentError(f"argument {i + 1}: {error}") from None


class Arguments:
    """The arguments of one call."""

    def __init__(self, function: Function, values: tuple[Any, ...], handles: Handles) -> None:
        # What the addresses point to must stay as long as the call.
        self._kept = values
        self.parts: list[bytes] = []
        self.callbacks: dict[str, tuple[Any, Any]] = {}
        self._handles = handles
        self._takers: list[Callable[[Values], None]] = []
        self._views: list[Part] = []
        self._size: Optional[int] = None
        for i, (kind, value) in enumerate(zip(function.types, values)):
            following = values[i + 1] if i + 1 < len(values) else None
            self._put(function, i, kind, value, following)
        self.memory = Memory(self._views)

    def take(self, answer: Values, new: Callable[[int, str], int]) -> None:
        """Writes what the library has written to the caller's memory. `new` gives the handle of a new object."""
        self._new = new
        for taker in self._takers:
            taker(answer)
        answer.end()

    def _put(self, function: Function, i: int, kind: str, value: Any, following: Any) -> None:
        put = self.parts.append
        if kind in _NUMBERS:
            put(_NUMBERS[kind].pack(function.argtypes[i](value).value))
        elif kind in _HANDLE_NAMES:
            put(U64.pack(self._handles.number(address(value))))
        elif kind == "size_t":
            # The size of memory goes with the pointer before it.
            if self._size is None:
                put(U64.pack(ctypes.c_size_t(value).value))
            self._size = None
        elif kind == "const char *":
            put(_NULL if value is None else _SOME + counted(_text(value)))
        elif kind == "char *":
            self._buffer(value, ctypes.c_size_t(following).value)
        elif kind == "const char *const *":
            self._texts(value, ctypes.c_size_t(following).value)
        elif kind == "const void *":
            self._bytes(value, ctypes.c_size_t(following).value)
        elif kind == "void *":
            self._user_data(function.types[i - 1], value)
        elif kind in _CALLBACKS:
            self.callbacks[kind] = (value, None)
            put(_SOME if value else _NULL)
        elif kind.endswith(" **"):
            self._new_handle(value, kind)
        elif kind in _VALUES:
            self._value(value, ctypes.sizeof(function.argtypes[i]._type_))
        else:
            self._struct(function, i, kind, value)

    def _buffer(self, value: Any, size: int) -> None:
        self._size = size
        target = address(value)
        self.parts.append((_SOME if target else _NULL) + U64.pack(size))

        def taker(answer: Values) -> None:
            if answer.byte():
                text = answer.counted() + b"\0"
                ctypes.memmove(target, text, min(len(text), size))

        if target:
            self._takers.append(taker)

    def _texts(self, value: Any, count: int) -> None:
        self._size = count
        start = address(value)
        self.parts.append((_SOME if start else _NULL) + U64.pack(count))
        if start:
            for text in (ctypes.c_char_p * count).from_address(start):
                self.parts.append(_NULL if text is None else _SOME + counted(text))

    def _bytes(self, value: Any, size: int) -> None:
        self._size = size
        start = address(value)
        self.parts.append((_SOME if start else _NULL) + U64.pack(size))
        if start and size <= MOST_BYTES:
            self.parts.append(ctypes.string_at(start, size))

    def _user_data(self, callback: str, value: Any) -> None:
        function, _ = self.callbacks[callback]
        self.callbacks[callback] = (function, value)
        # The host's own pointers stay here. Only the log has a number that comes back.
        self.parts.append(U64.pack((value or 0) if callback == "enl_log_callback" else 0))

    def _new_handle(self, value: Any, kind: str) -> None:
        target = address(value)
        self.parts.append(_SOME if target else _NULL)

        def taker(answer: Values) -> None:
            if answer.byte():
                number = answer.number(U64)
                ctypes.c_void_p.from_address(target).value = self._new(number, kind) if number else None

        if target:
            self._takers.append(taker)

    def _value(self, value: Any, size: int) -> None:
        target = address(value)
        self.parts.append(_SOME + ctypes.string_at(target, size) if target else _NULL)

        def taker(answer: Values) -> None:
            ctypes.memmove(target, answer.take(size), size)

        if target:
            self._takers.append(taker)

    def _struct(self, function: Function, i: int, kind: str, value: Any) -> None:
        start = address(value)
        if not start:
            self.parts.append(_NULL)
            return
        struct: Any = function.argtypes[i]._type_.from_address(start)
        if kind == "const enl_rect *":
            self.parts.append(_SOME + ctypes.string_at(start, ctypes.sizeof(struct)))
        elif kind == "const enl_view *":
            self._view(struct, (function.name, i) in _WRITTEN)
        else:
            name = "read" if kind == "const enl_source *" else "write"
            callback = getattr(struct, name)
            self.callbacks[name] = (callback, struct.user_data)
            tail = struct.width, struct.height, struct.format, struct.reserved
            flag = _SOME if callback else _NULL
            self.parts.append(_SOME + flag + b"".join(kind.pack(n) for kind, n in zip((U32, U32, I32, U32), tail)))

    def _view(self, view: _abi.enl_view, written: bool) -> None:
        row, place = row_of(view), 0
        if row is not None:
            part = Part(view, row, 0, written)
            for other in self._views:
                # Views that overlap get the same place, so that the library finds out as well.
                if not part.overlaps(other):
                    part.place = max(part.place, -(-(other.place + other.size) // 64) * 64)
            self._views.append(part)
            place = part.place
        head = b"".join(map(U64.pack, (view.data or 0, view.size, view.stride)))
        tail = U32.pack(view.width) + U32.pack(view.height) + I32.pack(view.format) + U32.pack(view.reserved)
        self.parts.append(_SOME + head + tail + U64.pack(place) + (_SOME if written else _NULL))


def address(value: Any) -> int:
    """The address that ctypes passes for an argument: of a handle, a pointer, an array, a struct, or byref()."""
    if value is None or isinstance(value, int):
        return value or 0
    if isinstance(value, ctypes.Structure):
        return ctypes.addressof(value)
    return ctypes.cast(value, ctypes.c_void_p).value or 0


def _text(value: Any) -> bytes:
    if isinstance(value, bytes):
        # As C sees it.
        return value.split(b"\0", 1)[0]
    return ctypes.string_at(address(value))
