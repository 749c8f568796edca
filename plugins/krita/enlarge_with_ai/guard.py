"""What Qt calls must never raise: PyQt ends the process then, and with it a painter's unsaved work."""

import functools
import traceback

from .qt import QtCore, QtWidgets


def guarded(slot):
    """A slot whose exceptions are shown and end there."""

    @functools.wraps(slot)
    def call(*arguments):
        try:
            return slot(*arguments)
        except Exception as problem:
            traceback.print_exc()
            tell(f"Enlarger has a defect; please report it. Your document was not changed by it.\n\n{problem!r}")

    return call


def tell(text, parent=None, failed=True):
    """Shows a sentence in a box that does not hold anything up."""
    icon = QtWidgets.QMessageBox.Icon.Warning if failed else QtWidgets.QMessageBox.Icon.Information
    box = QtWidgets.QMessageBox(icon, "Enlarge with AI", text, QtWidgets.QMessageBox.StandardButton.Ok, parent)
    box.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


def sentence(problem):
    """What an exception says, as a sentence."""
    text = str(problem)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
