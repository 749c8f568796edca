"""The window that shows how far a run is, and can cancel it.

Not Qt's own: that one works through events whenever it is told something, in the middle of whatever is under way.
"""

from .guard import guarded
from .qt import QtCore, QtWidgets


class ProgressWindow(QtWidgets.QDialog):
    """Arguments:
        cancel: called when the user wants it no more.
    """

    def __init__(self, parent, cancel):
        super().__init__(parent)
        self._cancel = cancel
        self.setWindowTitle("Enlarge with AI")
        # The window under it can be seen, not used: what was painted meanwhile would be in the way of the result.
        self.setWindowModality(QtCore.Qt.WindowModality.WindowModal)
        self.setMinimumWidth(460)
        self.text = QtWidgets.QLabel("Enlarging")
        self.text.setWordWrap(True)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setRange(0, 1000)
        buttons = QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Cancel)
        self.button = buttons.button(QtWidgets.QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        column = QtWidgets.QVBoxLayout(self)
        for widget in (self.text, self.bar, buttons):
            column.addWidget(widget)

    def tell(self, fraction, text):
        self.bar.setValue(int(fraction * 1000))
        if text != self.text.text():
            self.text.setText(text)

    def commit(self):
        """From here on there is no way back."""
        self._cancel = None
        self.button.setEnabled(False)

    @guarded
    def reject(self):
        """The button, Escape and the window's cross; the window goes when the run has ended."""
        if self._cancel is not None:
            self.button.setEnabled(False)
            self._cancel()

    @guarded
    def closeEvent(self, event):
        event.ignore()
        self.reject()

    def end(self):
        self._cancel = None
        self.hide()
        self.deleteLater()
