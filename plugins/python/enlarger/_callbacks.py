"""Callbacks of a run, and what happens to exceptions in them.

An exception cannot pass through the library. It is kept, the run is stopped, and the exception is raised again when
the library has returned. It must never be lost, whatever it is.
"""

import contextlib
import ctypes
import signal

from . import _abi
from .progress import TimeLeft, report

STOP = 0


class Callbacks:
    """The callbacks of one run. It must live as long as the run: the library calls what it holds."""

    def __init__(self):
        self.raised = None
        self._kept = []

    def keep(self, exception):
        """Remembers the first exception; the run stops at the next callback, this one's answer included."""
        if self.raised is None:
            self.raised = exception

    def guarded(self, kind, function):
        """A callback for the library from a function that may raise, and answers False to stop."""

        def call(_, *arguments):
            try:
                if self.raised is None and function(*arguments) is not False:
                    return _abi.ENL_CONTINUE
            except BaseException as exception:
                self.keep(exception)
            return STOP

        callback = kind(call)
        self._kept.append(callback)
        return callback

    def progress(self, function):
        """The callback for reports.

        There always is one, even where nobody listens: Python looks at signals only while Python runs, so without it
        Ctrl-C would wait for the end of the run.
        """
        time_left = TimeLeft()

        def tell(raw):
            return function(report(raw.contents, time_left)) if function is not None else None

        return self.guarded(_abi.enl_progress_callback, tell)

    def read(self, function, pixel_size):
        """The callback for rows of the source."""

        def fill(x, y, place, size):
            row = memoryview(function(x, y, size // pixel_size)).cast("B")
            if row.nbytes != size:
                raise ValueError(f"read gave {row.nbytes} bytes of row {y}, and {size} are wanted")
            memoryview((ctypes.c_char * size).from_address(place)).cast("B")[:] = row

        return self.guarded(_abi.enl_read_callback, fill)

    def write(self, function):
        """The callback for rows of the result."""
        return self.guarded(_abi.enl_write_callback, lambda y, row, size: function(y, ctypes.string_at(row, size)))


@contextlib.contextmanager
def interruptible(callbacks):
    """Lets Ctrl-C stop a run on the main thread, and be raised after it.

    Python would raise KeyboardInterrupt at the first line of whatever callback comes next, where nothing can catch it.
    So while the library works the program's own handler is called by one that keeps what it raises.
    """

    def keep(number, frame):
        try:
            handler(number, frame)
        except BaseException as exception:
            callbacks.keep(exception)

    handler = signal.getsignal(signal.SIGINT)
    replaced = callable(handler)
    try:
        if replaced:
            signal.signal(signal.SIGINT, keep)
    except ValueError:
        # Not the thread that signals come to.
        replaced = False
    try:
        yield
    finally:
        if replaced:
            signal.signal(signal.SIGINT, handler)
