"""The button that says how many faces the picture has. Its list takes each of them in or leaves it out, also by keys.

It is there only while the settings treat faces in a way of their own.
"""

from .enlarger import face_words
from .messages import safe_slot
from .qt import QtCore, QtWidgets


class FaceButton(QtWidgets.QPushButton):
    """The button.

    Signals:
        switched: the user leaves out this Face, or takes it in again.
    """

    switched = QtCore.pyqtSignal(object)

    def __init__(self):
        super().__init__()
        # The Return key belongs to the dialog's own button.
        self.setAutoDefault(False)
        self.setToolTip(face_words.help())
        self._shown = None
        self.hide()

    def show_faces(self, faces, left_out):
        """Shows all faces of the picture, and which are left out. None for `faces`: nothing treats faces."""
        shown = None if faces is None else (tuple(faces), tuple(left_out))
        if shown == self._shown:
            return
        self._shown = shown
        self.setVisible(faces is not None)
        if faces is None:
            return
        self.setText(literally(face_words.summary(len(faces), len(left_out))))
        self.setEnabled(bool(faces))
        menu, before = QtWidgets.QMenu(self), self.menu()
        for number, face in enumerate(faces, 1):
            action = menu.addAction(literally(face_words.item(number, face)))
            action.setCheckable(True)
            action.setChecked(face not in left_out)
            action.triggered.connect(safe_slot(lambda *_, face=face: self.switched.emit(face)))
        self.setMenu(menu)
        if before is not None:
            # Later, because this may be a signal of one of its lines.
            before.deleteLater()


def literally(text):
    """A text for a button or a menu in which & marks no letter for the keyboard."""
    return text.replace("&", "&&")
