"""A task that takes a while and concerns the user's models: an import, an installation, a removal.

It works on a thread of its own, so that a dialog stays responsive; the dialog asks for its progress from a timer. It must
never call a toolkit.
"""

import threading
from typing import Any, Callable, Optional

from . import _abi
from .cancel import Cancel
from .errors import error
from .translation import _


class ModelTask:
    """A task on a thread of its own.

    Arguments:
        work: called with the keyword arguments `progress` and `cancel`, as Registry.import_model and Registry.install take
            them. What it returns is the result.
        text: what the task does, until it reports something itself.
    """

    def __init__(self, work: Callable[..., Any], text: str) -> None:
        self._work = work
        self._progress: tuple[Optional[float], str] = (None, text)
        self._cancel = Cancel()
        self._done = threading.Event()
        self._result: Any = None
        self._problem: Optional[BaseException] = None
        # Nobody waits for a daemon: it ends with the program even if its task does not answer.
        self._worker = threading.Thread(target=self._run, name="enlarger models", daemon=True)

    def start(self) -> None:
        """Starts the thread. Once only."""
        self._worker.start()

    def cancel(self) -> None:
        """Requests cancellation: result() then raises Cancelled, unless the task was complete before. Any thread."""
        self._cancel.request()

    @property
    def progress(self) -> tuple[Optional[float], str]:
        """The fraction that is done, or None while that is unknown, and a text. Any thread."""
        return self._progress

    @property
    def done(self) -> bool:
        """Whether the task has ended, in whatever way. Any thread."""
        return self._done.is_set()

    def wait(self, seconds: float) -> bool:
        """Waits until the task has ended, or for that many seconds; returns whether it has ended. Any thread."""
        return self._done.wait(seconds)

    def result(self) -> Any:
        """The result of a task that has ended; raises what it raised, Cancelled after a cancellation."""
        if self._problem is not None:
            raise self._problem
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._work(progress=self._report, cancel=self._cancel)
        except MemoryError as problem:
            self._problem = error(_abi.ENL_ERROR_MEMORY, _("there is not enough memory; close other programs"))
            self._problem.__cause__ = problem
        except BaseException as problem:
            # result() raises it on the dialog's thread.
            self._problem = problem
        self._done.set()

    def _report(self, fraction: Optional[float], text: str) -> None:
        known = None if fraction is None else min(max(fraction, 0.0), 1.0)
        self._progress = (known, text[:1].upper() + text[1:] if text else self._progress[1])
