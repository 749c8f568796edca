"""Message boxes, and slots whose exceptions end in one.

PyQt ends the process if a slot raises, and with it a painter's unsaved work. So no slot may ever raise.
"""

import functools
import traceback

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
                "This is a defect of Enlarger; please report it. It did not change your document.\n\n" + repr(problem)
            )

    return call


def show_message(text, parent=None, failed=True):
    """Shows a message box and returns at once."""
    icon = QtWidgets.QMessageBox.Icon.Warning if failed else QtWidgets.QMessageBox.Icon.Information
    box = QtWidgets.QMessageBox(icon, "Enlarge with AI", text, QtWidgets.QMessageBox.StandardButton.Ok, parent)
    box.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
