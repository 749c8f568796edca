"""Message boxes, and slots whose exceptions end in one.

PyQt ends the process if a slot raises, and with it a painter's unsaved work. So no slot may ever raise.
"""

import functools
import traceback

from .enlarger.translation import _
from .qt import QtCore, QtWidgets


def safe_slot(slot):
    """A slot that shows its exceptions in a message box instead of raising them."""

    @functools.wraps(slot)
    def call(*arguments):
        try:
            return slot(*arguments)
        except Exception as problem:
            traceback.print_exc()
            show_message(
                _("This is a defect of Enlarger; please report it. It did not change your document.")
                + "\n\n"
                + repr(problem)
            )

    return call


def show_message(text, parent=None, failed=True, details=(), button=None):
    """Shows a message box and returns at once.

    Arguments:
        details: sentences that the user can ask for.
        button: a further button: its label, and the function that it calls once the box is closed.
    """
    icon = QtWidgets.QMessageBox.Icon.Warning if failed else QtWidgets.QMessageBox.Icon.Information
    box = QtWidgets.QMessageBox(icon, _("Enlarge with AI"), text, QtWidgets.QMessageBox.StandardButton.Ok, parent)
    # Plain: a name of the user's may look like HTML.
    box.setTextFormat(QtCore.Qt.TextFormat.PlainText)
    box.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
    if details:
        box.setDetailedText("\n".join(details))
    if button is not None:
        label, function = button
        added = box.addButton(label, QtWidgets.QMessageBox.ButtonRole.ActionRole)
        added.clicked.connect(lambda *_: QtCore.QTimer.singleShot(0, safe_slot(function)))
    box.setDefaultButton(QtWidgets.QMessageBox.StandardButton.Ok)
    box.open()
