"""The library's errors as exceptions.

The library's message says what failed, on what, and what to do next. It is the text of the exception, and must never be
replaced by one that says less.
"""

from typing import Optional

from . import _abi
from .translation import _


class Error(Exception):
    """A failure. ``str(error)`` is a message for people.

    Attributes:
        status: the library's status, a negative number; None if the library was not reached.
        name: the status's name, such as "ENL_ERROR_MEMORY". It is the same in all languages and versions.
    """

    def __init__(self, message: str, status: Optional[int] = None, name: str = "ENL_ERROR_NOT_LOADED") -> None:
        super().__init__(message)
        self.status = status
        self.name = name


class LoadError(Error):
    """The library was not found, or is not the right one."""


class Cancelled(Error):
    """The run was cancelled on request. There is nothing to report to the user."""


class InvalidArgument(Error, ValueError):
    """An argument is invalid: a size, a format, an option, or a buffer that is too small."""


class Busy(Error):
    """Another call is using the object, perhaps on another thread."""


class ModelError(Error):
    """There is no such model, or it is damaged."""


class EngineError(Error):
    """There is no such engine or device, or it failed."""


class OutOfMemory(Error):
    """There is not enough memory, or the option ``memory`` allows less. A smaller tile or picture may help."""


class Defect(Error):
    """A defect of the library or of an engine; please report it. The object that was used must be closed."""


class WorkerLost(Error):
    """The process in which the library works for this one has ended or did not answer. Nothing is damaged: start again. Objects that
    were made before are gone; make new ones.
    """


_STATUSES: dict[type[Error], list[int]] = {
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
    WorkerLost: [_abi.ENL_ERROR_WORKER],
    Defect: [_abi.ENL_ERROR_POISONED, _abi.ENL_ERROR_PANIC, _abi.ENL_ERROR_INTERNAL],
}
_CLASS_OF = {status: kind for kind, statuses in _STATUSES.items() for status in statuses}
_NAMES = {value: name for name, value in vars(_abi).items() if name.startswith("ENL_ERROR_") or name == "ENL_CANCELLED"}


def error(status: int, message: str, name: Optional[str] = None) -> Error:
    """The exception of a status. A status that this package does not know gives a plain Error."""
    kind = _CLASS_OF.get(status, Error)
    return kind(message, status, name or _NAMES[status])


def invalid(message: str, status: int = _abi.ENL_ERROR_ARGUMENT) -> Error:
    """The exception for an argument that the library would refuse, if ctypes did not change it on the way."""
    return error(status, message)


def for_people(problem: BaseException) -> BaseException:
    """The exception, with a message for people in place of Python's for a lack of memory."""
    if not isinstance(problem, MemoryError):
        return problem
    memory = error(
        _abi.ENL_ERROR_MEMORY, _("there is not enough memory; close other programs, or make the result smaller")
    )
    memory.__cause__ = problem
    return memory
