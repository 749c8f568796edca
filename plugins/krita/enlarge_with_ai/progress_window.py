"""The window that shows the progress of a run, or of a task on the user's models, and can cancel it.

It must not be QProgressDialog: that one processes events whenever its value is set, in the middle of other work.
"""

from .enlarger.translation import _
from .messages import safe_slot
from .qt import QtCore, QtWidgets


class ProgressWindow(QtWidgets.QDialog):
    """A window with a progress bar, a text and a Cancel button.

    Arguments:
        cancel: called when the user cancels.
        title, text: of the window, and of what is going on at the beginning.
    """

    def __init__(self, parent, cancel, title=_("Enlarge with AI"), text=_("Enlarging")):
        super().__init__(parent)
        self._cancel = cancel
        self.setWindowTitle(title)
        # Krita's window stays visible but does not react: the result could not be applied to a document that the user
        # paints on meanwhile.
        self.setWindowModality(QtCore.Qt.WindowModality.WindowModal)
        self.setMinimumWidth(460)
        self.text = QtWidgets.QLabel(text)
        self.text.setWordWrap(True)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setAccessibleName(title)
        self.bar.setRange(0, 1000)
        buttons = QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Cancel)
        self.button = buttons.button(QtWidgets.QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        column = QtWidgets.QVBoxLayout(self)
        for widget in (self.text, self.bar, buttons):
            column.addWidget(widget)

    def show_progress(self, fraction, text):
        """Shows a fraction, or None if it is unknown, and a text."""
        # A range without an end shows only that something is going on.
        end = 0 if fraction is None else 1000
        if self.bar.maximum() != end:
            self.bar.setRange(0, end)
        if fraction is not None:
            self.bar.setValue(int(fraction * 1000))
        if text != self.text.text():
            self.text.setText(text)

    def disable_cancel(self):
        """From here on the document changes, and the user cannot cancel."""
        self._cancel = None
        self.button.setEnabled(False)

    @safe_slot
    def reject(self):
        """Called by the button, Escape and the close button. The window stays until the run has ended."""
        if self._cancel is not None:
            self.button.setEnabled(False)
            self._cancel()

    @safe_slot
    def closeEvent(self, event):
        event.ignore()
        self.reject()

    def end(self):
        self._cancel = None
        self.hide()
        self.deleteLater()
