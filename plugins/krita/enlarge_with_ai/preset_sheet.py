"""The sheet that compares presets: the same part of the picture by each of them, with a label; a click chooses one."""

from .display import image_of
from .enlarger.dialog import as_sentence
from .enlarger.translation import _
from .messages import safe_slot
from .model_picker import ModelPicker
from .qt import QtCore, QtGui, QtWidgets

# The side of a picture of the sheet, in Qt's pixels, and how many are side by side.
SIDE, COLUMNS = 220, 5
# What of the screen the sheet may use.
MOST = 0.9


class PresetSheet(QtWidgets.QDialog):
    """The sheet.

    Arguments:
        parent: the dialog.
        choices: what is compared, each a Choice.
        models, picked, pick: the arguments of the ModelPicker.

    Attributes:
        chosen: the Choice that the user clicked; None until then.
    """

    def __init__(self, parent, choices, models, picked, pick):
        super().__init__(parent)
        self.chosen = None
        self.setWindowTitle(_("Compare presets"))
        self._area = QtWidgets.QScrollArea()
        self._area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.show_choices(choices)
        self.picker = ModelPicker(models, picked, pick)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(_("Compare presets"))
        cancel = QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Close)
        cancel.rejected.connect(self.reject)
        below = QtWidgets.QHBoxLayout()
        below.addWidget(self.picker)
        below.addWidget(cancel, 1)
        column = QtWidgets.QVBoxLayout(self)
        column.addWidget(QtWidgets.QLabel(_("Each picture shows the framed part with another preset. Click the one that you prefer.")))
        column.addWidget(self._area, 1)
        column.addWidget(self.bar)
        column.addLayout(below)
        # As large as the pictures need, but not larger than the screen.
        wanted = self._area.widget().sizeHint() + QtCore.QSize(60, 150)
        self.resize(wanted.boundedTo(self.screen_size() * MOST))

    def show_choices(self, choices):
        """Lists other Choices. Their pictures come with show_cells()."""
        self.buttons, self._shown = [], 0
        grid = QtWidgets.QGridLayout()
        for index, choice in enumerate(choices):
            button = QtWidgets.QToolButton()
            button.setText(choice.label)
            button.setToolTip(choice.help)
            button.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QtCore.QSize(SIDE, SIDE))
            button.setIcon(QtGui.QIcon(self._note("…")))
            button.setEnabled(False)
            button.clicked.connect(safe_slot(lambda *_, choice=choice: self._choose(choice)))
            grid.addWidget(button, index // COLUMNS, index % COLUMNS)
            self.buttons.append(button)
        inside = QtWidgets.QWidget()
        inside.setLayout(grid)
        self._area.setWidget(inside)

    def screen_size(self):
        return self.parent().window().windowHandle().screen().availableSize()

    def show_cells(self, cells, progress):
        """Shows the Cells that there are, and the progress of all, from 0.0 to 1.0."""
        self.bar.setValue(int(progress * 1000))
        for button, cell in list(zip(self.buttons, cells))[self._shown :]:
            button.setEnabled(cell.patch is not None)
            if cell.patch is None:
                button.setIcon(QtGui.QIcon(self._note(_("Not possible"))))
                button.setToolTip(as_sentence(cell.problem))
            else:
                button.setIcon(QtGui.QIcon(self._pixmap(cell.patch)))
        self._shown = len(cells)

    def _pixmap(self, patch):
        """A patch after the enlargement."""
        pixmap = QtGui.QPixmap.fromImage(image_of(patch.after, patch.frame.width, patch.frame.height))
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        return pixmap

    def _note(self, text):
        pixmap = QtGui.QPixmap(SIDE, SIDE)
        pixmap.fill(self.palette().dark().color())
        painter = QtGui.QPainter(pixmap)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(pixmap.rect(), QtCore.Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        return pixmap

    def _choose(self, choice):
        self.chosen = choice
        self.accept()
