"""Guides that follow the canvas, also when that is undone and done again.

Krita leaves guides where they are when it scales, and has no place for them in its undo history. So whoever moved them
looks, after each undo and redo, whether the canvas has its other size. Guides that somebody else moved since are left.
"""

from krita import Krita

from .documents import is_open
from .guard import guarded
from .qt import QtCore

# Krita undoes in the background. Milliseconds between looks, and how many.
PAUSE, LOOKS = 100, 100


class Guides(QtCore.QObject):
    """Arguments:
        size: of the canvas, when it is scaled.
    """

    def __init__(self, document, size):
        super().__init__(QtCore.QCoreApplication.instance())
        self._document = document
        before = document.width(), document.height()
        across, down = size[0] / before[0], size[1] / before[1]
        lines = document.horizontalGuides(), document.verticalGuides()
        moved = [place * down for place in lines[0]], [place * across for place in lines[1]]
        self._places = {before: lines, size: moved}
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._look)
        self._looks = 0

    def move(self):
        """The canvas was scaled just now."""
        if not any(any(lines) for lines in self._places.values()) or len(self._places) < 2:
            self.deleteLater()
            return
        self._follow()
        for name in ("edit_undo", "edit_redo"):
            action = Krita.instance().action(name)
            if action is not None:
                action.triggered.connect(self._watch)

    @guarded
    def _watch(self, *_):
        self._looks = LOOKS
        self._timer.start()

    @guarded
    def _look(self):
        self._looks -= 1
        if not is_open(self._document):
            self._timer.stop()
            self.deleteLater()
        elif self._follow() or self._looks <= 0:
            self._timer.stop()

    def _follow(self):
        """Moves the guides to where they belong, if they are at the other place; returns whether they were."""
        lines = self._places.get((self._document.width(), self._document.height()))
        now = self._document.horizontalGuides(), self._document.verticalGuides()
        if lines is None or _same(now, lines) or not any(_same(now, other) for other in self._places.values()):
            return False
        self._document.setHorizontalGuides(lines[0])
        self._document.setVerticalGuides(lines[1])
        return True


def _same(some, others):
    """Krita keeps guides in points, so that they come back with an error in the last place."""
    return all(
        len(a) == len(b) and all(abs(x - y) < 0.01 for x, y in zip(sorted(a), sorted(b))) for a, b in zip(some, others)
    )
