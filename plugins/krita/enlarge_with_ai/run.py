"""A run: a job that works beside Krita, a window that shows how far it is, and then the change of the document.

Everything here happens on Krita's own thread, a little in each turn of its event loop, so that Krita stays alive. At the
end, however it ends, the worker has been waited for and the user knows what happened.
"""

import traceback

from .documents import is_open
from .enlarger import Cancelled, Error
from .enlarger.job import Job
from .guard import guarded, sentence, tell
from .qt import QtCore
from .window import ProgressWindow

# Milliseconds between turns when nobody rings.
PAUSE = 15


class Run(QtCore.QObject):
    """Signals:
        ended: whatever came of it; `failure` says what, and `cancelled`.
    """

    ended = QtCore.pyqtSignal()
    _rung = QtCore.pyqtSignal()

    def __init__(self, target, options, upscalers, parent=None):
        super().__init__()
        self.failure = None
        self.cancelled = False
        self.done = False
        self._target = target
        self._parent = parent
        self._job = Job(target, options, upscalers, wake=self._rung.emit)
        self._steps = None
        self._inside = False
        self._cancel_wanted = False
        target.report = self._report
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._turn)
        # From the worker's thread this arrives as an event.
        self._rung.connect(self._turn, QtCore.Qt.ConnectionType.QueuedConnection)
        self._window = None

    def start(self):
        """Begins. What is wrong from the start is raised."""
        self._window = ProgressWindow(self._parent, self.cancel)
        try:
            self._target.take()
            self._job.start()
        except BaseException:
            self._hide()
            raise
        self._window.show()
        self._timer.start()

    def cancel(self):
        """Asks to stop. Once the document is being changed there is nothing left to stop."""
        if not self._target.applying:
            self._cancel_wanted = True
            self._job.cancel()

    def close(self):
        """Stops at once and waits for the worker, for a Krita that goes away."""
        self._timer.stop()
        try:
            self._job.close()
        finally:
            self._hide()
            self.done = True

    @guarded
    def _turn(self):
        if self.done or self._inside:
            return
        self._inside = True
        try:
            if self._steps is None:
                self._compute()
            elif next(self._steps, None) is None:
                self._end()
        except Exception as problem:
            self._fail(problem)
        finally:
            self._inside = False

    def _compute(self):
        """Serves the worker; when all is computed, begins to change the document."""
        if not is_open(self._target.document):
            # The worker must come back by itself: it is told so when it asks for the next thing.
            self._job.cancel()
        if self._job.step():
            self._steps = self._stepping()

    def _stepping(self):
        """The steps that change the document, each told before it is done."""
        self._target.applying = True
        self._window.commit()
        for text in self._target.apply():
            self._show(0.999, text)
            yield text

    def _report(self, fraction, text):
        self._show(fraction, text)
        return not self._cancel_wanted

    def _show(self, fraction, text):
        if self._window is not None:
            self._window.tell(fraction, text)

    def _end(self):
        self._finish()
        said = list(self._target.said)
        if self._target.steps > 1:
            said.append(f"To take it back, undo {self._target.steps} times.")
        if said:
            tell("\n".join(said), self._parent, failed=False)

    def _fail(self, problem):
        """Nothing stays of it, in the document neither."""
        try:
            self._job.close()
            restored = self._target.undo()
            self._target.abandon()
        except Exception:
            traceback.print_exc()
            restored = False
        self.failure, self.cancelled = problem, isinstance(problem, Cancelled) and self._cancel_wanted
        if isinstance(problem, Cancelled) and not self._cancel_wanted:
            text = "The document was closed meanwhile, so nothing was done."
        elif isinstance(problem, Error):
            text = sentence(problem)
        else:
            traceback.print_exception(type(problem), problem, problem.__traceback__)
            text = f"Something went wrong that should not: {problem}"
        if not restored:
            text += f"\n\nThe document was changed; take that back with Edit > Undo ({self._target.steps} times)."
        self._finish()
        if not self.cancelled:
            tell(text, self._parent)

    def _finish(self):
        self._timer.stop()
        self._hide()
        self._target.release()
        self.done = True
        self.ended.emit()

    def _hide(self):
        if self._window is not None:
            window, self._window = self._window, None
            window.end()
