"""Calls of the library: statuses become exceptions, texts become str, handles are freed.

Everything that more than one noun needs to speak with the library, and nothing that knows what is spoken about.
"""

import ctypes
import operator
import weakref

from . import _abi
from ._load import load
from .errors import error, invalid


def check(status):
    """Raises what a status says, with the sentence of this thread's last failure."""
    if status != _abi.ENL_OK:
        raise failure(status)


def failure(status):
    """The exception for a status that was just returned on this thread."""
    library = load()
    length = library.enl_last_error(None, 0)
    buffer = ctypes.create_string_buffer(length + 1)
    library.enl_last_error(buffer, length + 1)
    return error(status, buffer.value.decode(), library.enl_status_name(status).decode())


def text(function, *arguments):
    """A text that a function copies to a buffer of (char *, size, length *)."""
    length = ctypes.c_size_t()
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        status = function(*arguments, buffer, size, ctypes.byref(length))
        # It may have grown since the last look.
        if status == _abi.ENL_ERROR_BUFFER and length.value >= size:
            size = length.value + 1
            continue
        check(status)
        return buffer.value.decode()


def encoded(value, what):
    """A str as the library takes it."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {type(value).__name__}")
    if "\0" in value:
        raise invalid(f"{what} has a NUL inside; take it out")
    return value.encode()


def whole(value, what, least, most):
    """An int in its range: ctypes would cut it off in silence."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{what} must be a whole number, not {type(value).__name__}") from None
    if not least <= number <= most:
        raise invalid(f"{number} is no {what}; give a whole number from {least} to {most}")
    return number


class Handle:
    """An object of the library: freed once, by close(), at the end of a ``with``, or when nobody holds it any more.

    Closing never raises, and what runs meanwhile goes on to its end.
    """

    def __init__(self, new, free, *arguments):
        place = ctypes.c_void_p()
        check(new(*arguments, ctypes.byref(place)))
        self._value = place.value
        self._finalizer = weakref.finalize(self, free, place.value)
        # At the end of the process everything goes anyway.
        self._finalizer.atexit = False

    @property
    def _handle(self):
        if not self._finalizer.alive:
            name = type(self).__name__
            raise invalid(f"this {name} is closed; make a new one", _abi.ENL_ERROR_BAD_HANDLE)
        return self._value

    def close(self):
        """Frees it; of one that is closed, nothing happens. Any thread."""
        self._finalizer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
