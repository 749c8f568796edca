"""Krita's undo history of the active document, and undoing steps of it as the user would.

Krita has no function for plug-ins that reads the history. Its docker Undo History has it as a list, which is up to date
also while the docker is hidden. If a Krita has no such docker, the history is unknown (None), and nothing may be guessed.
"""

from krita import Krita

from .open_documents import is_open
from .qt import QtWidgets

DOCKER = "History"
# How often Krita may ignore an undo before nothing more is tried.
PATIENCE = 500


def history_list(window):
    """The list in the docker of one of Krita's windows; None if there is none."""
    docker = window.qwindow().findChild(QtWidgets.QDockWidget, DOCKER) if window is not None else None
    return docker.findChild(QtWidgets.QListView) if docker is not None else None


def undo_history(document):
    """The names of the steps that can be undone in a document, the oldest first; None if they are unknown."""
    krita = Krita.instance()
    if krita.activeDocument() != document:
        return None
    view = history_list(krita.activeWindow())
    if view is None or view.model() is None:
        return None
    # The first line stands for the document before all steps; the current line is the last step that is not undone.
    model = view.model()
    return tuple(model.index(row, 0).data() for row in range(1, view.currentIndex().row() + 1))


def is_idle(document):
    """Whether Krita has finished all work on a document. Returns at once."""
    if not document.tryBarrierLock():
        return False
    document.unlock()
    return True


def undo_steps(document, count):
    """Undoes steps of a document, as the user would. A generator that yields how many are left whenever Krita needs time.

    It ends early, with that number as its value, if the document is not the active one or does not undo.
    """
    krita, ignored = Krita.instance(), 0
    while True:
        while is_open(document) and not is_idle(document):
            yield count
        action = krita.action("edit_undo")
        blocked = not is_open(document) or krita.activeDocument() != document or not action.isEnabled()
        if not count or blocked or ignored > PATIENCE:
            return count
        before = undo_history(document)
        action.trigger()
        # Krita silently ignores an undo while it is busy, also with its smaller pictures for the screen.
        if before is None or undo_history(document) != before:
            count, ignored = count - 1, 0
        else:
            ignored += 1
        yield count
