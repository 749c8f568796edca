"""The callbacks of a run, an import or an installation, and exceptions in them.

An exception cannot pass through the library. It is kept, the run is stopped, and the exception is raised again when the
library has returned. No exception must ever be lost, whatever its class.
"""

import contextlib
import ctypes
import signal
from collections.abc import Iterator
from typing import Any, Callable, Optional

from . import _abi
from ._call import failure
from ._typing import Buffer
from .errors import Error
from .progress import Progress, TimeLeft, progress_of

STOP = 0


class Callbacks:
    """The callbacks of one call. It must live as long as the call, because the library calls functions that it owns."""

    def __init__(self) -> None:
        self.exception: Optional[BaseException] = None
        self._callbacks: list[Any] = []

    def keep_exception(self, exception: BaseException) -> None:
        """Keeps the first exception. The run stops at the current or the next callback."""
        if self.exception is None:
            self.exception = exception

    def _wrap(self, kind: Any, function: Callable[..., Any]) -> Any:
        """A callback for the library around a function that may raise, and that returns False to stop the run."""

        def call(_: Any, *arguments: Any) -> int:
            try:
                if self.exception is None and function(*arguments) is not False:
                    return _abi.ENL_CONTINUE
            except BaseException as exception:
                self.keep_exception(exception)
            return STOP

        callback = kind(call)
        self._callbacks.append(callback)
        return callback

    def progress(self, function: Optional[Callable[[Progress], Any]]) -> Any:
        """The callback for progress.

        A run always has one, even without a function to call: Python handles signals only while Python code runs, so
        without it Ctrl-C would wait for the end of the run.
        """
        time_left = TimeLeft()

        def report(raw: Any) -> Any:
            return function(progress_of(raw.contents, time_left)) if function is not None else None

        return self._wrap(_abi.enl_progress_callback, report)

    def steps(self, function: Optional[Callable[[Optional[float], str], Any]]) -> Any:
        """The callback for the steps of an import or an installation. As for a run, there always is one."""

        def report(fraction: float, text: bytes) -> Any:
            return function(fraction if fraction >= 0 else None, text.decode()) if function is not None else None

        return self._wrap(_abi.enl_step_callback, report)

    def read(self, function: Callable[[int, int, int], Buffer], pixel_size: int) -> Any:
        """The callback that reads rows of the source."""

        def fill(x: int, y: int, address: int, size: int) -> None:
            row = memoryview(function(x, y, size // pixel_size)).cast("B")
            if row.nbytes != size:
                raise ValueError(f"read returned {row.nbytes} bytes for row {y}; {size} bytes are needed")
            memoryview((ctypes.c_char * size).from_address(address)).cast("B")[:] = row

        return self._wrap(_abi.enl_read_callback, fill)

    def write(self, function: Callable[[int, bytes], Any]) -> Any:
        """The callback that writes rows of the result."""
        return self._wrap(_abi.enl_write_callback, lambda y, row, size: function(y, ctypes.string_at(row, size)))


@contextlib.contextmanager
def interruptible(callbacks: Callbacks) -> Iterator[None]:
    """Lets Ctrl-C stop a run on the main thread, and raises KeyboardInterrupt after the run.

    Python would raise KeyboardInterrupt at the first line of whichever callback comes next, where nothing can catch it.
    So during the run the program's own signal handler is called by one that keeps the exception.
    """

    def keep(number: int, frame: Any) -> None:
        try:
            handler(number, frame)  # type: ignore[operator, misc]
        except BaseException as exception:
            callbacks.keep_exception(exception)

    handler = signal.getsignal(signal.SIGINT)
    replaced = callable(handler)
    try:
        if replaced:
            signal.signal(signal.SIGINT, keep)
    except ValueError:
        # This is not the thread that signals come to.
        replaced = False
    try:
        yield
    finally:
        if replaced:
            signal.signal(signal.SIGINT, handler)


def call(callbacks: Callbacks, work: Callable[[], int]) -> None:
    """Calls the library, which calls back; raises the exception of a callback, or else the failure of the call."""
    problem: Optional[Error] = None
    with interruptible(callbacks):
        status = work()
        if status != _abi.ENL_OK:
            problem = failure(status)
    if callbacks.exception is not None:
        raise callbacks.exception
    if problem is not None:
        raise problem
