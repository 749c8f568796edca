"""A notice in a window: what failed, or what the user should know. It stays until the user does something else.

Its text must always be a complete sentence from the library or from a module of `enlarger`.
"""

from .messages import safe_slot
from .qt import QtCore, QtWidgets


class Notice(QtWidgets.QFrame):
    def __init__(self):
        super().__init__()
        self.setFrameShape(QtWidgets.QFrame.Shape.StyledPanel)
        icon = QtWidgets.QLabel()
        warning = self.style().standardIcon(QtWidgets.QStyle.StandardPixmap.SP_MessageBoxWarning)
        icon.setPixmap(warning.pixmap(22, 22))
        self._label = QtWidgets.QLabel()
        self._label.setWordWrap(True)
        # Plain: a name of the user's may look like HTML. Selectable, so that the keyboard reaches it and it can be copied.
        self._label.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        selectable = QtCore.Qt.TextInteractionFlag.TextSelectableByKeyboard
        self._label.setTextInteractionFlags(selectable | QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QtWidgets.QHBoxLayout(self)
        row.addWidget(icon)
        row.addWidget(self._label, 1)
        self.hide()

    def text(self):
        return self._label.text()

    def tell(self, text):
        """Shows a text; an empty one hides the notice."""
        self._label.setText(text)
        self.setVisible(bool(text))
        make_room(self)


def make_room(widget):
    """Makes the window of a widget higher, a little later, if it is too low. Qt does not do that for texts that wrap."""

    def resize():
        window = widget.window()
        if window.layout() is not None:
            window.resize(window.width(), max(window.height(), window.layout().heightForWidth(window.width())))

    QtCore.QTimer.singleShot(0, safe_slot(resize))
