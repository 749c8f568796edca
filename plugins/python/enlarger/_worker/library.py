"""The library as an object with its functions, like one that ctypes has loaded, but each call is done by a worker.

A worker that has ended is replaced when the next object is made that needs none of its own. Objects of the old one return
ENL_ERROR_WORKER; freeing them does nothing.
"""

import ctypes
import os
import threading
from typing import Any, Callable, Optional

from .. import _abi
from ..errors import LoadError
from .arguments import Arguments, Function, address
from .environment import Environment
from .frames import CALLED, I32, NO_MEMORY, NOT_SHARED, U32, Garbage, Values
from .handles import Handles
from .memory import share_no_more
from .worker import Worker

_STATUSES = {
    value: name.encode()
    for name, value in vars(_abi).items()
    if name.startswith("ENL_ERROR_") or name in ("ENL_OK", "ENL_CANCELLED")
}

# The functions after which the library looks at the environment, the folders or files with names of the caller.
_LOOKS_AROUND = ("enl_registry_new", "enl_upscaler_new", "enl_registry_import", "enl_registry_install", "enl_registry_remove")


class _Thread(threading.local):
    """What belongs to a thread."""

    def __init__(self) -> None:
        # The message of its last failure.
        self.error = b""
        # The calls whose callbacks it is in, the innermost last, and their workers.
        self.inside: list[tuple[Worker, int]] = []


class Library:
    """libenlarger in a worker. Each function of the interface is an attribute.

    Arguments:
        program: the file of the worker.
        path: the library's path or name.

    Raises LoadError if no worker starts, or if it is of another release.
    """

    def __init__(self, program: str, path: str) -> None:
        self._program = program
        # As ctypes has it.
        self._name = path
        self._handles = Handles()
        self._thread = _Thread()
        self._starting = threading.Lock()
        self._logs: dict[int, Any] = {}
        self._log_level = 0
        self._worker, self._environment = self._start()
        for name in _abi.FUNCTIONS:
            own = getattr(self, f"_{name}", None)
            if own is None and name not in self._worker.places:
                self._worker.end("was not used")
                raise LoadError(f"{path} is older than this package: it has no function {name}; install a newer library")
            setattr(self, name, _Callable(own or self._passed_on(Function(self._worker.places[name], name)), name))
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave)

    @property
    def process(self) -> int:
        """The process that does the work."""
        return self._worker.process

    def lost(self, value: int) -> bool:
        """Whether the worker of an object has ended, by the object's handle."""
        worker = self._handles.worker(value)
        return worker is not None and worker.lost is not None

    def _start(self) -> tuple[Worker, Environment]:
        environment = Environment()
        return Worker(self._program, self._name), environment

    def _start_again(self) -> None:
        worker, environment = self._start()
        if worker.places != self._worker.places:
            worker.end("was not used")
            raise LoadError(f"{self._name} was replaced by another version; start this program again")
        self._worker, self._environment = worker, environment
        self._log_again()

    def _leave(self) -> None:
        """Called in a process that was forked: the worker is that of the other one."""
        self._starting = threading.Lock()
        self._worker.leave()

    def _running(self) -> Worker:
        """The worker; a new one if it has ended. Raises LoadError."""
        if self._worker.lost is not None:
            with self._starting:
                if self._worker.lost is not None:
                    self._start_again()
        return self._worker

    def _passed_on(self, function: Function) -> Callable[..., Any]:
        """A function that a worker does."""
        if function.name.endswith("_free"):
            return lambda *values: self._free(function, values)
        if function.name == "enl_cancel_request":
            return lambda *values: self._request(function, values)
        return lambda *values: self._call(function, values)

    # ---- one call

    def _call(self, function: Function, values: tuple[Any, ...]) -> Any:
        """Calls a function; returns what it returns."""
        function.accept(values)
        worker: Optional[Worker] = None
        for i in function.handles:
            own = self._handles.worker(address(values[i]))
            if own is not None:
                worker = own
                if own.lost is not None:
                    break
        if worker is None:
            try:
                worker = self._running()
            except LoadError as error:
                return self._fail(_abi.ENL_ERROR_WORKER, str(error))
        cancel = address(values[function.cancel]) if function.cancel is not None else None
        if worker.lost is not None:
            return self._lost(worker, worker.is_requested(cancel))
        if function.name in _LOOKS_AROUND:
            changes = self._environment.changes()
            if changes is not None:
                worker.change_environment(changes)
        arguments = Arguments(function, values, self._handles)
        try:
            with arguments.memory.filled():
                return self._done(worker, function, arguments, cancel, values)
        except MemoryError as error:
            size = arguments.memory.size >> 20
            return self._fail(_abi.ENL_ERROR_MEMORY, f"there is not enough memory for pixels of {size} MiB ({error})")

    def _done(
        self, worker: Worker, function: Function, arguments: Arguments, cancel: Optional[int], values: tuple[Any, ...]
    ) -> Any:
        inside = self._thread.inside
        parent = inside[-1][1] if inside and inside[-1][0] is worker else 0
        call = worker.call(function, arguments, parent, cancel)
        inside.append((worker, call.number))
        try:
            answer = call.wait(lambda returned, row: worker.answer(call, returned, row), self._log)
            if answer is None:
                return self._lost(worker, call.stopping)
            worker.forget(call)
            kind = answer.byte()
            if kind == NOT_SHARED:
                share_no_more()
                return self._call(function, values)
            return self._result(worker, function, arguments, kind, answer)
        except Garbage as garbage:
            worker.end(f"has sent what is not understood ({garbage})")
            return self._lost(worker, call.stopping)
        except BaseException:
            worker.abandon(call)
            raise
        finally:
            inside.pop()

    def _result(self, worker: Worker, function: Function, arguments: Arguments, kind: int, answer: Values) -> Any:
        if kind == NO_MEMORY:
            return self._fail(answer.number(I32), answer.counted().decode(errors="replace"))
        if kind != CALLED:
            raise Garbage(f"{kind} is not a result")
        returned: Any
        if function.result == "const char *":
            returned = answer.counted()
        elif function.result == "uint32_t":
            returned = answer.number(U32)
        else:
            returned = answer.number(I32)
            if returned == _abi.ENL_OK:
                arguments.memory.take_back()
            else:
                self._thread.error = answer.counted()
        arguments.take(answer, lambda number, kind: self._handles.add(worker, number, kind))
        return returned

    def _fail(self, status: int, message: str) -> int:
        self._thread.error = message.encode()
        return status

    def _lost(self, worker: Worker, was_stopping: bool) -> int:
        """The status of a call whose worker has ended. One that was to stop anyway has stopped."""
        if was_stopping:
            return self._fail(_abi.ENL_CANCELLED, "the call was cancelled")
        name = os.path.basename(self._program)
        message = f"{name}, the process that Enlarger works in, {worker.lost}; nothing is damaged, so start again"
        return self._fail(_abi.ENL_ERROR_WORKER, message)

    def _free(self, function: Function, values: tuple[Any, ...]) -> int:
        """Frees an object. Never waits, because it may be called by the garbage collector."""
        kind = function.types[0] + "*"
        known = self._handles.remove(address(values[0]), kind) if len(values) == 1 else None
        if known is None:
            return self._call(function, values)  # type: ignore[no-any-return]
        worker, number = known
        if worker.lost is None:
            worker.tell(function, number)
        return _abi.ENL_OK

    def _request(self, function: Function, values: tuple[Any, ...]) -> int:
        """Requests a cancel. Does not wait, because it may be called by the thread of a window while the worker hangs."""
        mine = address(values[0]) if len(values) == 1 else 0
        known = self._handles.known(mine, "enl_cancel **")
        if known is None or known[0].lost is not None:
            return self._call(function, values)  # type: ignore[no-any-return]
        worker, number = known
        worker.request_stop(mine)
        worker.tell(function, number)
        return _abi.ENL_OK

    # ---- the functions that are not only passed on

    def _enl_last_error(self, buffer: Any, size: int) -> int:
        message = self._thread.error
        if buffer is not None and size > 0:
            cut = message[: size - 1].decode(errors="ignore").encode() + b"\0"
            ctypes.memmove(buffer, cut, len(cut))
        return len(message)

    def _enl_status_name(self, status: int) -> bytes:
        return _STATUSES.get(status, b"unknown status")

    def _enl_worker_run(self) -> int:
        return self._fail(_abi.ENL_ERROR_ARGUMENT, "this is for the main function of a worker program only; call it there")

    def _enl_log_set(self, level: int, callback: Any, user_data: Any) -> int:
        """The worker gets a number for the callback, so that messages for the one before are not given to it."""
        number = max(self._logs, default=0) + 1
        if callback:
            self._logs[number] = callback, user_data
        try:
            status = self._set_log(level, callback, number)
        except BaseException:
            self._logs.pop(number, None)
            raise
        if status == _abi.ENL_OK:
            self._log_level = level
            for other in [other for other in self._logs if other != number]:
                del self._logs[other]
        else:
            self._logs.pop(number, None)
        return status

    def _set_log(self, level: int, callback: Any, number: int) -> int:
        function = Function(self._running().places["enl_log_set"], "enl_log_set")
        return self._call(function, (level, callback, number))  # type: ignore[no-any-return]

    def _log_again(self) -> None:
        """Tells a new worker about the callback for log messages."""
        for number, (callback, _) in list(self._logs.items()):
            self._set_log(self._log_level, callback, number)

    def _log(self, number: int, level: int, message: bytes) -> None:
        callback, user_data = self._logs.get(number, (None, None))
        if callback:
            callback(user_data, level, message)


class _Callable:
    """A function of the interface, as ctypes has them."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        declared: Any = _abi.FUNCTIONS[name]
        self.restype, self.argtypes = declared
        self._function = function

    def __call__(self, *values: Any) -> Any:
        return self._function(*values)
