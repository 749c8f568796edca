"""What goes wrong, as exceptions.

The library says what failed, on what, and what to try; that sentence is the text of the exception, and must never be
replaced by one that knows less.
"""

from . import _abi


class Error(Exception):
    """Something failed. ``str(error)`` is a sentence for people.

    Attributes:
        status: the library's number, negative; None where the library was not reached.
        name: its name, such as "ENL_ERROR_MEMORY"; stays the same in all languages and versions.
    """

    def __init__(self, sentence, status=None, name="ENL_ERROR_NOT_LOADED"):
        super().__init__(sentence)
        self.status = status
        self.name = name


class LoadError(Error):
    """The library was not found, or is not the right one."""


class Cancelled(Error):
    """The run was stopped because somebody asked for it. Nothing to complain about."""


class InvalidArgument(Error, ValueError):
    """The caller gave something that cannot be: a size, a format, an option, a buffer too small."""


class Busy(Error):
    """The object is in use by another call, perhaps on another thread."""


class ModelError(Error):
    """No such model, or it is damaged."""


class EngineError(Error):
    """No such engine or device, or it failed."""


class OutOfMemory(Error):
    """Not enough memory, or more than the option ``memory`` allows. A smaller tile or picture may help."""


class Defect(Error):
    """A defect of the library, or of an engine; please report it. The object that was used must be closed."""


_CLASSES = {
    Cancelled: [_abi.ENL_CANCELLED],
    InvalidArgument: [
        _abi.ENL_ERROR_NULL,
        _abi.ENL_ERROR_ARGUMENT,
        _abi.ENL_ERROR_BUFFER,
        _abi.ENL_ERROR_FORMAT,
        _abi.ENL_ERROR_BAD_HANDLE,
    ],
    Busy: [_abi.ENL_ERROR_BUSY],
    ModelError: [
        _abi.ENL_ERROR_MODEL_NOT_FOUND,
        _abi.ENL_ERROR_MODEL_INVALID,
        _abi.ENL_ERROR_MODEL_CONTRACT,
        _abi.ENL_ERROR_MODEL_HASH,
    ],
    EngineError: [
        _abi.ENL_ERROR_ENGINE_NOT_FOUND,
        _abi.ENL_ERROR_ENGINE_VERSION,
        _abi.ENL_ERROR_DEVICE,
        _abi.ENL_ERROR_INFERENCE,
        _abi.ENL_ERROR_OUTPUT,
    ],
    OutOfMemory: [_abi.ENL_ERROR_MEMORY],
    Defect: [_abi.ENL_ERROR_POISONED, _abi.ENL_ERROR_PANIC, _abi.ENL_ERROR_INTERNAL],
}
_CLASS_OF = {status: kind for kind, statuses in _CLASSES.items() for status in statuses}
_NAMES = {value: name for name, value in vars(_abi).items() if name.startswith("ENL_ERROR_") or name == "ENL_CANCELLED"}


def error(status, sentence, name=None):
    """The exception for a status; of a status that this package does not know, a plain Error."""
    kind = _CLASS_OF.get(status, Error)
    return kind(sentence, status, name or _NAMES[status])


def invalid(sentence, status=_abi.ENL_ERROR_ARGUMENT):
    """What the library would say, for what ctypes would cut off before the library sees it."""
    return error(status, sentence)
