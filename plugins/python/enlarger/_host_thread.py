"""Runs calls on the host's thread for the worker thread.

A host may be used from one thread only, and the library works on another. The worker posts calls here, and the host's
thread runs them. A call must never wait forever: closing refuses all that are left.
"""

import queue
import threading
from typing import Any, Callable, Optional

from . import _abi
from .errors import error


class Call:
    """A call of the worker that the host's thread runs."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._function, self._arguments = function, arguments
        self._result: Any = None
        self._problem: Optional[BaseException] = None
        self._done = threading.Event()

    def run(self) -> None:
        """Runs the call on this thread."""
        try:
            self._result = self._function(*self._arguments)
        except BaseException as problem:
            # result() raises it on the worker's thread.
            self._problem = problem
        self._done.set()

    def refuse(self) -> None:
        """Ends the call without running it; result() raises Cancelled."""
        self._problem = error(_abi.ENL_CANCELLED, "the job was closed")
        self._done.set()

    def result(self) -> Any:
        """Waits for the call; returns its result or raises its exception."""
        self._done.wait()
        if self._problem is not None:
            raise self._problem
        return self._result


class HostThread:
    """The calls that wait for the host's thread.

    Arguments:
        wake: called when there is something to run, for a host whose thread waits elsewhere; optional.
    """

    def __init__(self, wake: Optional[Callable[[], Any]] = None) -> None:
        self._calls: queue.SimpleQueue[Optional[Call]] = queue.SimpleQueue()
        self._wake = wake or (lambda: None)
        self._lock = threading.Lock()
        self._closed = False

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Runs a function on the host's thread and waits for it. Any thread but the host's."""
        return self.post(function, *arguments).result()

    def post(self, function: Callable[..., Any], *arguments: Any) -> Call:
        """Has the host's thread run a function, without waiting. Any thread."""
        call = Call(function, arguments)
        with self._lock:
            if self._closed:
                call.refuse()
            else:
                self._calls.put(call)
        self._wake()
        return call

    def interrupt(self) -> None:
        """Ends the host thread's wait in run_next(). Any thread."""
        self._calls.put(None)
        self._wake()

    def run_next(self, timeout: float) -> None:
        """Runs one call, or returns after that many seconds without one. The host's thread."""
        try:
            call = self._calls.get(timeout > 0, timeout if timeout > 0 else None)
        except queue.Empty:
            return
        if call is not None:
            call.run()

    def close(self) -> None:
        """Refuses the calls that wait and all later ones."""
        with self._lock:
            self._closed = True
        while True:
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                return
            if call is not None:
                call.refuse()
