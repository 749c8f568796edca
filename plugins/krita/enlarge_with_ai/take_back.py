"""Takes back an enlargement: undoes exactly the steps that it made in its document, because Krita cannot group them.

It must only be offered while these steps are the last ones of the undo history, and never undo anything else. Krita
finishes each step before the next one, in turns of its event loop, so that it stays responsive.
"""

from krita import Krita

from .document_information import restore
from .enlarger.translation import _, plural
from .messages import safe_slot, show_message
from .open_documents import is_open
from .progress_window import ProgressWindow
from .qt import QtCore, QtGui
from .refused_layers import walk
from .undo_history import undo_history, undo_steps

# Milliseconds between turns.
INTERVAL = 15


# The action's identifier, label and tooltip, and the label of the button in the message after a run.
ACTION, LABEL, BUTTON = "enlarge_with_ai_take_back", _("Take Back the Enlargement"), _("&Take it back")
HELP = _("Undo all steps of the last enlargement, while they are the last ones")


def note(steps, offered):
    """A sentence that says how to go back."""
    if not offered:
        return plural("To undo the enlargement, undo once.", "To undo the enlargement, undo {count} times.", steps).format(count=steps)
    action = Krita.instance().action(ACTION)
    keys = action.shortcut().toString(QtGui.QKeySequence.SequenceFormat.NativeText) if action is not None else ""
    text = plural(
        "To undo the enlargement, press “Take it back” or choose {entry}. Edit > Undo takes one step.",
        "To undo the enlargement, press “Take it back” or choose {entry}. Edit > Undo takes {count} steps.",
        steps,
    )
    return text.format(entry=_("Image > {label}").format(label=LABEL) + (f" ({keys})" if keys else ""), count=steps)


class TakeBack(QtCore.QObject):
    """The steps of an enlargement that was just completed.

    Arguments:
        document: Krita's Document.
        steps: how many undo steps were made in it.
        before: its undo_history() before them.
        active: the identifier of the layer that was active before them.
        abstract: what record() returned.

    Signals:
        ended: when the steps were taken back, or could not be.
    """

    ended = QtCore.pyqtSignal()

    def __init__(self, document, steps, before, active, abstract):
        super().__init__()
        self._document, self.steps, self._active, self._abstract = document, steps, active, abstract
        self._after = _fingerprint(document)
        self._known = steps > 0 and before is not None and self._follows(before)
        self._window = self._turns = None
        self._left, self._cancelled = steps, False
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self._turn)

    def is_possible(self):
        """Whether it may be offered now or later."""
        return self._known and is_open(self._document)

    def offered(self):
        """Whether the steps are the last ones of the undo history of the active document."""
        return (
            self.is_possible()
            and self._turns is None
            and Krita.instance().activeDocument() == self._document
            and _fingerprint(self._document) == self._after
        )

    def start(self):
        """Begins to take back the steps, with a window; `ended` follows."""
        if not self.offered():
            return
        self._turns = undo_steps(self._document, self.steps)
        self._window = ProgressWindow(_window(), self.cancel, text=_("Taking back the enlargement"))
        self._window.show()
        self._timer.start()

    def cancel(self):
        """Leaves the steps that are not undone yet."""
        self._cancelled = True

    def close(self):
        """Stops, because Krita ends."""
        self._timer.stop()
        if self._window is not None:
            window, self._window = self._window, None
            window.end()

    @safe_slot
    def _turn(self):
        if self._window is None:
            return
        try:
            self._left = next(self._turns)
        except StopIteration as end:
            self._end(end.value)
        except Exception:
            self._end(self._left)
            raise
        else:
            if self._cancelled and self._left:
                self._end(self._left)
            else:
                self._window.show_progress(1 - self._left / self.steps, self._window.text.text())

    def _end(self, left):
        self.close()
        self._known = False
        if left:
            text = plural(
                "{done} of {all} steps were undone; to go back further, use Edit > Undo (once).",
                "{done} of {all} steps were undone; to go back further, use Edit > Undo ({count} times).",
                left,
            )
            show_message(text.format(done=self.steps - left, all=self.steps, count=left), _window())
        else:
            restore(self._document, self._abstract)
            node = self._document.nodeByUniqueID(self._active) if self._active is not None else None
            if node is not None:
                self._document.setActiveNode(node)
        self.ended.emit()

    def _follows(self, before):
        """Whether the history is now that of before with the steps at its end. Krita may have dropped its oldest steps."""
        history = self._after[0]
        kept = len(history) - self.steps if history is not None else -1
        return kept >= 0 and before[len(before) - kept :] == history[:kept]


def _fingerprint(document):
    """What changes with the undo history: the names of its steps, the canvas and the layers. The names alone could agree
    where Krita has dropped old steps.
    """
    layers = tuple(node.uniqueId() for node in walk(document.rootNode()))
    return undo_history(document), (document.width(), document.height()), layers


def _window():
    window = Krita.instance().activeWindow()
    return window.qwindow() if window is not None else None
