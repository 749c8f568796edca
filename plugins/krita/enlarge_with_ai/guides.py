"""Moves guides with the canvas, also on undo and redo.

Krita does not move guides when it scales the canvas, and its undo history does not contain them. So after each undo and
redo, this checks which of its two sizes the canvas has. It must never move guides that the user has moved since.
"""

from krita import Krita

from .open_documents import is_open
from .messages import safe_slot
from .qt import QtCore

# Krita undoes in the background: milliseconds between checks of the size, and how many checks.
INTERVAL, CHECKS = 100, 100


class Guides(QtCore.QObject):
    """Moves the guides of a document that is scaled.

    Arguments:
        size: of the scaled canvas.
    """

    def __init__(self, document, size):
        super().__init__(QtCore.QCoreApplication.instance())
        self._document = document
        before = document.width(), document.height()
        across, down = size[0] / before[0], size[1] / before[1]
        lines = document.horizontalGuides(), document.verticalGuides()
        moved = [guide * down for guide in lines[0]], [guide * across for guide in lines[1]]
        # The guides' positions by the size of the canvas.
        self._positions = {before: lines, size: moved}
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self._check_size)
        self._checks = 0

    def move(self):
        """Call this when the canvas was scaled."""
        if not any(any(lines) for lines in self._positions.values()) or len(self._positions) < 2:
            self.deleteLater()
            return
        self._follow()
        for name in ("edit_undo", "edit_redo"):
            action = Krita.instance().action(name)
            if action is not None:
                action.triggered.connect(self._watch)

    @safe_slot
    def _watch(self, *_):
        self._checks = CHECKS
        self._timer.start()

    @safe_slot
    def _check_size(self):
        self._checks -= 1
        if not is_open(self._document):
            self._timer.stop()
            self.deleteLater()
        elif self._follow() or self._checks <= 0:
            self._timer.stop()

    def _follow(self):
        """Moves the guides if they are where they belong for the other size; returns whether it did."""
        lines = self._positions.get((self._document.width(), self._document.height()))
        now = self._document.horizontalGuides(), self._document.verticalGuides()
        if lines is None or _same(now, lines) or not any(_same(now, other) for other in self._positions.values()):
            return False
        self._document.setHorizontalGuides(lines[0])
        self._document.setVerticalGuides(lines[1])
        return True


def _same(some, others):
    """Whether guides are equal. Krita keeps them in points, which rounds them."""
    return all(
        len(a) == len(b) and all(abs(x - y) < 0.01 for x, y in zip(sorted(a), sorted(b))) for a, b in zip(some, others)
    )
