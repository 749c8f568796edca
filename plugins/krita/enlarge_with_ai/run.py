"""A run: a job in the background, a window that shows its progress, and then the change of the document.

Everything here happens on Krita's own thread, a little in each turn of its event loop, so that Krita stays responsive.
However a run ends, it must have waited for the worker and told the user the outcome.
"""

import traceback

from . import take_back
from .open_documents import is_open
from .enlarger import Cancelled, Error
from .enlarger.dialog import as_sentence
from .enlarger.job import Job
from .enlarger.translation import _, plural
from .messages import safe_slot, show_message
from .progress_window import ProgressWindow
from .qt import QtCore
from .undo_history import is_idle, undo_history

# Milliseconds between turns if the worker does not wake this thread.
INTERVAL = 15


class Run(QtCore.QObject):
    """A run for one target.

    Signals:
        ended: however the run ended; `failure` has the exception, `cancelled` whether the user cancelled, and `take_back`
            the TakeBack of a run that changed its document.
    """

    ended = QtCore.pyqtSignal()
    _woken = QtCore.pyqtSignal()

    def __init__(self, target, options, upscalers, parent=None):
        super().__init__()
        self.failure = None
        self.cancelled = False
        self.done = False
        self.take_back = None
        self._target = target
        self._parent = parent
        self._job = Job(target, options, upscalers, wake=self._woken.emit)
        self._steps = None
        self._inside = False
        self._cancel_requested = False
        target.report = self._report
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self._turn)
        # A signal of the worker's thread arrives as an event.
        self._woken.connect(self._turn, QtCore.Qt.ConnectionType.QueuedConnection)
        self._window = None

    def start(self):
        """Starts the run. Raises what prevents it from starting."""
        self._window = ProgressWindow(self._parent, self.cancel)
        try:
            self._target.snapshot()
            self._job.start()
        except BaseException:
            self._hide()
            raise
        self._window.show()
        self._timer.start()

    def cancel(self):
        """Requests cancellation; ignored once the document is being changed."""
        if not self._target.applying:
            self._cancel_requested = True
            self._job.cancel()

    def close(self):
        """Stops the run at once and waits for the worker, because Krita ends."""
        self._timer.stop()
        try:
            self._job.close()
        finally:
            self._hide()
            self.done = True

    @safe_slot
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
        """Serves the worker; when everything is computed, begins to change the document."""
        if not is_open(self._target.document):
            # The worker ends by itself when it next needs the host.
            self._job.cancel()
        if self._job.step():
            self._steps = self._apply()

    def _apply(self):
        """The steps that change the document; each is shown before it is done."""
        target = self._target
        target.applying = True
        self._window.disable_cancel()
        target.require_open()
        node = target.document.activeNode()
        before = undo_history(target.document), node.uniqueId() if node is not None else None
        for text in target.apply():
            self._show(0.999, text)
            yield text
        # Krita lists a step when it has finished it, and in a later turn of its event loop.
        while is_open(target.document) and not is_idle(target.document):
            yield _("Finishing")
        yield _("Finishing")
        if target.steps and is_open(target.document):
            self.take_back = take_back.TakeBack(target.document, target.steps, *before, target.recorded)

    def _report(self, fraction, text):
        self._show(fraction, text)
        return not self._cancel_requested

    def _show(self, fraction, text):
        if self._window is not None:
            self._window.show_progress(fraction, text)

    def _end(self):
        self._finish()
        notes, button = list(self._target.notes), None
        if self.take_back is not None and self.take_back.steps > 1:
            if self.take_back.offered():
                button = take_back.BUTTON, self.take_back.start
            notes.append(take_back.note(self.take_back.steps, button is not None))
        if notes:
            show_message("\n".join(notes), self._parent, False, self._target.details, button)

    def _fail(self, problem):
        """Leaves nothing of the run, and takes back changes of the document."""
        try:
            self._job.close()
            restored = self._target.undo()
            self._target.abandon()
        except Exception:
            traceback.print_exc()
            restored = False
        self.failure, self.cancelled = problem, isinstance(problem, Cancelled) and self._cancel_requested
        if isinstance(problem, Cancelled) and not self._cancel_requested:
            text = _("The document was closed meanwhile, so nothing was done.")
        elif isinstance(problem, Error):
            text = as_sentence(problem)
        else:
            traceback.print_exception(type(problem), problem, problem.__traceback__)
            text = _("An unexpected error occurred: {problem}").format(problem=problem)
        if not restored:
            steps = self._target.steps
            text += "\n\n" + plural(
                "The document was changed; to go back, use Edit > Undo (once).",
                "The document was changed; to go back, use Edit > Undo ({count} times).",
                steps,
            ).format(count=steps)
        self._finish()
        if not self.cancelled:
            show_message(text, self._parent)

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
