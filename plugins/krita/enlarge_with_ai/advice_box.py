"""The advice on the picture: a few lines, each with a button that does what it advises, if an option does.

It takes no room while there is nothing to say. Its texts must always be the library's.
"""

from .messages import safe_slot
from .notice import make_room
from .qt import QtCore, QtWidgets


class AdviceBox(QtWidgets.QWidget):
    """The lines.

    Arguments:
        take: called with the changes of an AdviceLine when its button is pressed.
    """

    def __init__(self, take):
        super().__init__()
        self._take = take
        self.lines, self._rows = [], []
        self._column = QtWidgets.QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_lines(self, lines):
        """Shows AdviceLines instead of those before."""
        if lines == self.lines:
            return
        self.lines = lines
        for row in self._rows:
            # Later, because this may be a signal of its button.
            row.hide()
            self._column.removeWidget(row)
            row.deleteLater()
        self._rows = [self._row(line) for line in lines]
        for row in self._rows:
            self._column.addWidget(row)
        self.setVisible(bool(lines))
        make_room(self)

    def _row(self, line):
        row = QtWidgets.QWidget()
        inside = QtWidgets.QHBoxLayout(row)
        inside.setContentsMargins(0, 0, 0, 0)
        icon, text = QtWidgets.QLabel(), QtWidgets.QLabel(line.text)
        information = self.style().standardIcon(QtWidgets.QStyle.StandardPixmap.SP_MessageBoxInformation)
        icon.setPixmap(information.pixmap(16, 16))
        text.setWordWrap(True)
        text.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        inside.addWidget(icon)
        inside.addWidget(text, 1)
        if line.button:
            button = QtWidgets.QPushButton(line.button)
            # The Return key belongs to the dialog's own button.
            button.setAutoDefault(False)
            button.clicked.connect(safe_slot(lambda *_: self._take(line.changes)))
            inside.addWidget(button)
        for widget in (row, *row.findChildren(QtWidgets.QWidget)):
            widget.setToolTip(line.help)
        return row
