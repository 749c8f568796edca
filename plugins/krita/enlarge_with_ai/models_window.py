"""The window "More models": the models of the catalogue and the user's own, to install and to remove.

Texts and order come from `enlarger.model_list`. It must never install a model with an unclear licence without asking.
"""

from .enlarger import Cancelled, Error
from .enlarger.dialog import as_sentence
from .enlarger.model_list import (
    ABOUT, COLUMNS, INSTALL_HELP, LIST_HELP, REMOVE_HELP, SEARCH_HELP, USE_HELP, WIDE, install_row, model_rows,
)  # fmt: skip
from .enlarger.translation import _
from .messages import safe_slot
from .notice import Notice
from .qt import QtCore, QtWidgets
from .task_window import TaskWindow

ROW = QtCore.Qt.ItemDataRole.UserRole


class ModelsWindow(QtWidgets.QDialog):
    """The window.

    Arguments:
        parent: the dialog.
        upscalers: its UpscalerCache, which is refreshed after each change.

    Attributes:
        chosen: the id of the model that the user wants to use; None if there is none.
        task: the TaskWindow of an installation; None if there is none.
    """

    def __init__(self, parent, upscalers):
        super().__init__(parent)
        self._upscalers = upscalers
        self._rows = model_rows(upscalers.registry)
        self.chosen = self.task = self.question = None
        self.setWindowTitle(_("More models"))
        self.resize(860, 620)
        self.search = QtWidgets.QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setToolTip(SEARCH_HELP)
        self.search.textChanged.connect(safe_slot(lambda _: self._fill()))
        label = QtWidgets.QLabel(_("&Search"))
        label.setBuddy(self.search)
        searching = QtWidgets.QHBoxLayout()
        searching.addWidget(label)
        searching.addWidget(self.search, 1)
        self.notice = Notice()
        column = QtWidgets.QVBoxLayout(self)
        column.addLayout(searching)
        column.addWidget(self._build_list(), 3)
        column.addWidget(self._build_details(), 1)
        column.addWidget(self.notice)
        column.addWidget(self._build_buttons())
        self._fill()
        self.list.setFocus()

    def _build_list(self):
        self.list = QtWidgets.QTreeWidget()
        self.list.setAccessibleName(_("Models"))
        self.list.setHeaderLabels(COLUMNS)
        self.list.setToolTip(LIST_HELP)
        self.list.setRootIsDecorated(False)
        self.list.setAllColumnsShowFocus(True)
        self.list.setUniformRowHeights(True)
        header = self.list.header()
        header.setStretchLastSection(False)
        for index in range(len(COLUMNS)):
            modes = QtWidgets.QHeaderView.ResizeMode
            header.setSectionResizeMode(index, modes.Stretch if index == WIDE else modes.ResizeToContents)
        self.list.currentItemChanged.connect(safe_slot(lambda *_: self._show_selected()))
        self.list.itemActivated.connect(safe_slot(lambda *_: self._activated()))
        return self.list

    def _build_details(self):
        self.details = QtWidgets.QPlainTextEdit()
        self.details.setAccessibleName(ABOUT)
        self.details.setToolTip(ABOUT)
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        return self.details

    def _build_buttons(self):
        buttons = QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        role = QtWidgets.QDialogButtonBox.ButtonRole.ActionRole
        self.use = buttons.addButton(_("&Use this model"), role)
        self.install = buttons.addButton(_("&Install"), role)
        self.remove = buttons.addButton(_("&Remove"), role)
        for button, action, help in (
            (self.use, self._use, USE_HELP),
            (self.install, self._install, INSTALL_HELP),
            (self.remove, self._remove, REMOVE_HELP),
        ):
            button.clicked.connect(safe_slot(lambda *_, action=action: action()))
            button.setToolTip(help)
        # The Return key belongs to the list.
        for button in buttons.buttons():
            button.setAutoDefault(False)
        return buttons

    def _fill(self, selected=None):
        """Lists the models that match the search, and selects one again."""
        selected = selected or (self._selected() and self._selected().id)
        self.list.clear()
        for row in self._rows:
            if row.matches(self.search.text()):
                item = QtWidgets.QTreeWidgetItem(row.columns)
                item.setData(0, ROW, row)
                self.list.addTopLevelItem(item)
                if row.id == selected:
                    self.list.setCurrentItem(item)
        if self.list.currentItem() is None and self.list.topLevelItemCount():
            self.list.setCurrentItem(self.list.topLevelItem(0))
        self._show_selected()

    def _selected(self):
        item = self.list.currentItem()
        return item.data(0, ROW) if item is not None else None

    def _show_selected(self):
        row = self._selected()
        self.details.setPlainText(row.text if row else "")
        self.install.setEnabled(row is not None and not row.installed)
        self.remove.setEnabled(row is not None and row.removable)
        self.use.setEnabled(row is not None and row.installed)

    def _activated(self):
        row = self._selected()
        if row is not None:
            self._use() if row.installed else self._install()

    def _use(self):
        self.chosen = self._selected().id
        self.accept()

    def _install(self):
        row = self._selected()

        def install():
            self._change(
                row,
                _("Install {name}").format(name=row.name),
                lambda **report: install_row(self._upscalers.registry, row, **report),
            )

        self._ask(row.consent, _("&Install"), install) if row.consent else install()

    def _remove(self):
        row = self._selected()

        def remove():
            self._change(row, _("Remove {name}").format(name=row.name), lambda **_: self._upscalers.registry.remove(row.id))

        self._ask(row.farewell, _("&Remove"), remove) if row.farewell else remove()

    def _change(self, row, what, work):
        """Does something with a model; then lists the models as they are."""
        self.notice.tell("")
        self.task = TaskWindow(self, what, what, work, lambda task: self._changed(row, task))

    def _changed(self, row, task):
        self.task = None
        try:
            task.result()
        except Cancelled:
            pass
        except Error as problem:
            self.notice.tell(as_sentence(problem))
        self._upscalers.refresh()
        self._rows = model_rows(self._upscalers.registry)
        self._fill(row.id)
        self.list.setFocus()

    def _ask(self, text, label, agreed):
        """Asks a question; calls agreed() if the user agrees. By default the answer is no."""
        buttons = QtWidgets.QMessageBox.StandardButton
        box = QtWidgets.QMessageBox(
            QtWidgets.QMessageBox.Icon.Question, _("Enlarge with AI"), text, buttons.Ok | buttons.Cancel, self
        )
        box.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        box.button(buttons.Ok).setText(label)
        box.setDefaultButton(buttons.Cancel)
        box.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        box.accepted.connect(safe_slot(agreed))
        box.open()
