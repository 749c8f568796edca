"""Calls of the library: statuses become exceptions, texts become str, and handles are freed.

What more than one part of the package needs to call the library. It must never know what a call is about.
"""

import ctypes
import operator
import weakref
from typing import Any, Callable, Optional, TypeVar

from . import _abi
from ._load import is_lost, load
from .errors import Error, error, invalid

_Self = TypeVar("_Self", bound="Handle")


def check(status: int) -> None:
    """Raises the exception of a status that is not ENL_OK, with this thread's last error message."""
    if status != _abi.ENL_OK:
        raise failure(status)


def failure(status: int) -> Error:
    """The exception of a status that a call on this thread has just returned."""
    library = load()
    length = library.enl_last_error(None, 0)
    buffer = ctypes.create_string_buffer(length + 1)
    library.enl_last_error(buffer, length + 1)
    return error(status, buffer.value.decode(), library.enl_status_name(status).decode())


def read_text(function: Callable[..., int], *arguments: Any) -> str:
    """The text that a function copies into a buffer; its last parameters are (char *, size, length *)."""
    length = ctypes.c_size_t()
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        status = function(*arguments, buffer, size, ctypes.byref(length))
        # The text may have grown since the last call.
        if status == _abi.ENL_ERROR_BUFFER and length.value >= size:
            size = length.value + 1
            continue
        check(status)
        return buffer.value.decode()


def encode(value: str, what: str) -> bytes:
    """A str as the library takes it; `what` names it in error messages."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {type(value).__name__}")
    if "\0" in value:
        raise invalid(f"{what} contains a NUL character; remove it")
    return value.encode()


def whole_number(value: Any, what: str, minimum: int, maximum: int) -> int:
    """An int in its range. ctypes would silently cut off a larger one."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{what} must be a whole number, not {type(value).__name__}") from None
    if not minimum <= number <= maximum:
        raise invalid(f"{number} is not a valid {what}; give a whole number from {minimum} to {maximum}")
    return number


class Handle:
    """An object of the library. It is freed once: by close(), at the end of a ``with`` block, or when it is garbage.

    Closing never raises. Runs that use the object at that time continue to their end.
    """

    def __init__(self, new: Callable[..., int], free: Callable[..., Any], *arguments: Any) -> None:
        pointer = ctypes.c_void_p()
        check(new(*arguments, ctypes.byref(pointer)))
        self._own(pointer.value, free)

    def _own(self, value: Optional[int], free: Callable[..., Any]) -> None:
        """Takes over a handle of the library, to be freed with this object."""
        self._value = value
        self._finalizer = weakref.finalize(self, free, value)
        # The end of the process frees everything anyway.
        self._finalizer.atexit = False

    @property
    def _handle(self) -> Any:
        if not self._finalizer.alive:
            name = type(self).__name__
            raise invalid(f"this {name} is closed; make a new one", _abi.ENL_ERROR_BAD_HANDLE)
        return self._value

    @property
    def is_lost(self) -> bool:
        """Whether the object has ended with the worker that had it. Always False where the library is loaded into this process."""
        return self._value is not None and is_lost(self._value)

    def close(self) -> None:
        """Frees the object. Closing it again does nothing. Any thread."""
        self._finalizer()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
