"""A task on the user's models with a window that shows its progress and can cancel it.

The task has a thread of its own; everything here happens on Krita's. However the task ends, its owner must be told, and
never before it has ended.
"""

from .enlarger.model_task import ModelTask
from .messages import safe_slot
from .progress_window import ProgressWindow
from .qt import QtCore

# Milliseconds between two looks at the task.
INTERVAL = 50
# Seconds for a task to end when the dialog or Krita ends.
LAST_SECONDS = 5


class TaskWindow(QtCore.QObject):
    """Runs a task and shows its progress.

    Arguments:
        parent: the window that it belongs to.
        title, text: of the window, until the task reports something itself.
        work: what ModelTask takes.
        ended: called with the ModelTask when it has ended; its result() raises the failure.
    """

    def __init__(self, parent, title, text, work, ended):
        super().__init__(parent)
        self.task = ModelTask(work, text)
        self._ended = ended
        self.window = ProgressWindow(parent, self.task.cancel, title, text)
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(safe_slot(self._turn))
        self.window.show()
        self.task.start()
        self._timer.start()

    def close(self):
        """Cancels the task and waits for it, because the dialog or Krita ends. Its owner is not told."""
        self._timer.stop()
        self.task.cancel()
        self.task.wait(LAST_SECONDS)

    def _turn(self):
        if not self.task.done:
            self.window.show_progress(*self.task.progress)
            return
        self._timer.stop()
        self.window.end()
        self.deleteLater()
        self._ended(self.task)
