"""What the dialog's buttons "Add a model" and "More models" do, and a file that is dropped on the dialog.

Importing, installing and removing is done by the library. The dialog's settings must never be changed here.
"""

import os

from .enlarger import Cancelled, Error
from .enlarger.dialog import as_sentence
from .enlarger.model_list import ADD_HELP, ADD_TITLE, ALL_FILES, ENDINGS, MORE_HELP, ONE_FILE
from .enlarger.translation import _
from .messages import safe_slot
from .models_window import ModelsWindow
from .qt import QtCore, QtWidgets
from .task_window import TaskWindow


class ModelActions:
    """The buttons, and what they do.

    Arguments:
        dialog: the dialog.
        upscalers: its UpscalerCache.
        notice: the Notice for refusals.
        changed: called with the id of the model to choose, or None, after models were added or removed.

    Attributes:
        chooser, window: the file chooser, and the window with the models that can be installed; None if they are closed.
        task: the TaskWindow of an import; None if there is none.
    """

    def __init__(self, dialog, upscalers, notice, changed):
        self._dialog, self._upscalers, self._notice, self._changed = dialog, upscalers, notice, changed
        self.chooser = self.window = self.task = None

    def buttons(self):
        """A new widget with the buttons."""
        row = QtWidgets.QWidget()
        layout = QtWidgets.QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        for label, help, action in [
            (_("&Add a model…"), ADD_HELP, self.add),
            (_("More &models…"), MORE_HELP, self.more),
        ]:
            button = QtWidgets.QPushButton(label)
            # The Return key belongs to the dialog's own button.
            button.setAutoDefault(False)
            button.setToolTip(help)
            button.clicked.connect(safe_slot(lambda *_, action=action: action()))
            layout.addWidget(button)
        return row

    def add(self):
        """Lets the user choose a file, and imports it."""
        self.chooser = QtWidgets.QFileDialog(self._dialog, ADD_TITLE)
        self.chooser.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        self.chooser.setFileMode(QtWidgets.QFileDialog.FileMode.ExistingFile)
        patterns = " ".join(f"*.{ending}" for ending in ENDINGS)
        self.chooser.setNameFilters([f"{_('Models')} ({patterns})", f"{ALL_FILES} (*)"])
        downloads = QtCore.QStandardPaths.StandardLocation.DownloadLocation
        self.chooser.setDirectory(QtCore.QStandardPaths.writableLocation(downloads))
        self.chooser.fileSelected.connect(safe_slot(self.import_file))
        self.chooser.finished.connect(safe_slot(self._chooser_finished))
        self.chooser.open()

    def _chooser_finished(self, _answer):
        self.chooser = None

    def import_file(self, path):
        """Imports a file; the model is then chosen. A refusal is shown, and nothing changes."""
        self._notice.tell("")
        self.task = TaskWindow(
            self._dialog,
            ADD_TITLE,
            _("Importing {name}").format(name=os.path.basename(path)),
            lambda **report: self._upscalers.registry.import_model(path, **report),
            self._imported,
        )

    def _imported(self, task):
        self.task = None
        try:
            chosen = task.result()
        except Cancelled:
            return
        except Error as problem:
            self._notice.tell(as_sentence(problem))
            return
        self._changed(chosen)

    def more(self):
        """Shows the window with the models that can be installed."""
        self._notice.tell("")
        try:
            self.window = ModelsWindow(self._dialog, self._upscalers)
        except Error as problem:
            self._notice.tell(as_sentence(problem))
            return
        self.window.finished.connect(safe_slot(self._more_finished))
        self.window.open()

    def _more_finished(self, _answer):
        window, self.window = self.window, None
        window.deleteLater()
        self._changed(window.chosen)

    def drop(self, urls):
        """Takes files that were dropped on the dialog."""
        if self.chooser or self.window or self.task:
            return
        if len(urls) != 1 or not urls[0].isLocalFile():
            self._notice.tell(ONE_FILE)
            return
        path = urls[0].toLocalFile()
        # Later, because the source of the drop waits for the end of this event.
        QtCore.QTimer.singleShot(0, safe_slot(lambda: self.import_file(path)))

    def close(self):
        """Stops what is going on, because the dialog or Krita ends."""
        for task in (self.task, self.window and self.window.task):
            if task is not None:
                task.close()
