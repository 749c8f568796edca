"""The dialog. Its options come from the library's descriptions; only the target and the size are made here.

It must never change the document; the result is in `settings`, which are saved for the next time.
"""

from dataclasses import replace

from .open_documents import is_open
from .enlarger import Error
from .enlarger.dialog import as_sentence, missing_note, sections, suggested_factor, summary
from .messages import safe_slot
from .model_actions import ModelActions
from .notice import Notice
from .qt import QtCore, QtWidgets
from .settings import TARGETS, saved_settings
from .size_row import SizeRow
from .targets import target_for
from .widgets import widget_for

# If Krita would not respond for more seconds than this, a new document is suggested.
LONG = 5


class Dialog(QtWidgets.QDialog):
    """The dialog for a document and its layers.

    Attributes:
        settings: the Settings as the user has chosen them.
        document, layers, layers_only: what it was opened for.
    """

    def __init__(self, document, layers, layers_only, upscalers, parent=None):
        super().__init__(parent)
        self.document, self.layers, self.layers_only = document, layers, layers_only
        self.upscalers = upscalers
        self.settings = saved_settings()
        self._target_chosen, self._saved_target = False, self.settings.target
        self.setWindowTitle("Enlarge with AI")
        self.notice = Notice()
        self.models = ModelActions(self, upscalers, self.notice, self._models_changed)
        self.setAcceptDrops(True)
        self.form = QtWidgets.QFormLayout()
        names = [f"'{node.name()}'" for node in layers.enlarged]
        what = "all paint layers" if not layers_only else names[0] if len(names) == 1 else f"{len(names)} layers"
        about = QtWidgets.QLabel(
            f"Enlarged by AI: {what}" + (f"; left to Krita: {len(layers.skipped)}" if layers.skipped else "")
        )
        about.setToolTip("\n".join(names + layers.notes("is left to Krita")))
        self.form.addRow(about)
        self._build_target()
        self._build_size()
        self._fixed_rows = self.form.rowCount()
        self.more = QtWidgets.QWidget()
        self.more.setLayout(QtWidgets.QFormLayout())
        self.more.setVisible(False)
        self.toggle = QtWidgets.QToolButton()
        self.toggle.setText("More options")
        self.toggle.setCheckable(True)
        self.toggle.setAutoRaise(True)
        self.toggle.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setArrowType(QtCore.Qt.ArrowType.RightArrow)
        self.toggle.toggled.connect(safe_slot(self._show_more))
        self.line = QtWidgets.QLabel()
        self.line.setWordWrap(True)
        self.line.setMinimumWidth(440)
        buttons = QtWidgets.QDialogButtonBox(
            QtWidgets.QDialogButtonBox.StandardButton.Ok | QtWidgets.QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = buttons.button(QtWidgets.QDialogButtonBox.StandardButton.Ok)
        self.ok.setText("Enlarge")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QtWidgets.QVBoxLayout(self)
        column.addLayout(self.form)
        column.addWidget(self.toggle)
        column.addWidget(self.more)
        column.addWidget(self.notice)
        column.addWidget(self.line)
        column.addWidget(buttons)
        # The summary is updated a little after a change: while the user types a number, each key changes it.
        self._delay = QtCore.QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(150)
        self._delay.timeout.connect(safe_slot(self._update_summary))
        self._read_options()
        self._build_options()
        self._update_summary()

    @safe_slot
    def accept(self):
        self._update_summary()
        if self.ok.isEnabled():
            # A target that was only suggested is not saved.
            replace(self.settings, target=self._saved_target).save()
            super().accept()

    @safe_slot
    def dragEnterEvent(self, event):
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    @safe_slot
    def dropEvent(self, event):
        event.acceptProposedAction()
        self.models.drop(event.mimeData().urls())

    def _show_more(self, on):
        self.toggle.setArrowType(QtCore.Qt.ArrowType.DownArrow if on else QtCore.Qt.ArrowType.RightArrow)
        self.more.setVisible(on)
        QtCore.QTimer.singleShot(0, self.adjustSize)

    def _build_target(self):
        self.target = QtWidgets.QComboBox()
        for key, label in TARGETS:
            self.target.addItem(label, key)
        self.target.setCurrentIndex(self.target.findData(self.settings.target))
        self.target.activated.connect(safe_slot(lambda _: self._choose_target()))
        self.form.addRow("&Target", self.target)

    def _choose_target(self):
        self._target_chosen = True
        self._saved_target = self.settings.target = self.target.currentData()
        self._changed()

    def _build_size(self):
        row = SizeRow(self.settings, self.document, self._changed)
        self.size, self.number = row.combo, row.number
        self.form.addRow("&Size", row)
        self.form.labelForField(row).setBuddy(self.size)
        self.size_row = row

    def _build_options(self):
        """The library's options, by their groups: below the size, or hidden until the user asks for more."""
        for form, kept in ((self.form, self._fixed_rows), (self.more.layout(), 0)):
            while form.rowCount() > kept:
                form.removeRow(kept)
        shown = sections(self.options)
        # An option that is not shown has its default.
        self.settings.options = {key: value for key, value in self.settings.options.items() if key in shown.keys}
        self.network = {}
        for option in shown.network:
            self.network[option.key] = self._add_row(self.form, option, self._choose_network)
            self.network[option.key].setEnabled(option.applies)
            if option.key == "model":
                self.form.addRow("", self.models.buttons())
        for option in shown.main:
            self._add_row(self.form, option, self._set)
        for option in shown.more:
            self._add_row(self.more.layout(), option, self._set)

    def _add_row(self, form, option, changed):
        """Adds an option's widget; it calls changed(key, value or None)."""
        value = self.settings.options.get(option.key)
        widget = widget_for(option, value, lambda value: changed(option.key, value))
        widget.setToolTip(option.help)
        form.addRow(option.label, widget)
        return widget

    def _read_options(self):
        """Reads the descriptions of the library's options for the chosen preset, model or method."""
        saved = dict(self.settings.options)
        self.options = self.upscalers.options(self.settings.options)
        missing = missing_note(saved, self.settings.options)
        if missing:
            self.notice.tell(missing)

    def _models_changed(self, chosen):
        """Models were added or removed. Lists those that there are now, and chooses one, or keeps the choice for None."""
        self.upscalers.refresh()
        if chosen:
            # A method would disable the model.
            self.settings.options.pop("method", None)
            self.settings.options["model"] = chosen
        self._network_changed()
        if chosen:
            QtCore.QTimer.singleShot(0, safe_slot(lambda: self.network["model"].setFocus()))

    def _choose_network(self, key, value):
        """Another preset, model or method."""
        self.notice.tell("")
        self._set(key, value)
        self._network_changed()

    def _network_changed(self):
        """Another preset or model: the other options may apply or not, and have other defaults."""
        before = self.options["factor"].default
        self._read_options()
        self._changed()
        factor = suggested_factor(before, self.options["factor"].default)
        if factor is not None:
            self.size_row.choose_factor(factor)
        # Later, because this is a signal of one of the widgets that it deletes.
        QtCore.QTimer.singleShot(0, safe_slot(self._build_options))

    def _set(self, key, value):
        if value is None:
            self.settings.options.pop(key, None)
        else:
            self.settings.options[key] = value
        self._changed()

    def _changed(self):
        self._delay.start()

    def _update_summary(self):
        """Shows the size of the result and what it takes, or why it is not possible."""
        self._delay.stop()
        if not is_open(self.document):
            self.reject()
            return
        in_place = self.settings.target == "in-place"
        self.size.setEnabled(not in_place)
        self.number.setEnabled(not in_place)
        try:
            self.line.setText(self._summary())
            self.ok.setEnabled(True)
        except Error as problem:
            self.line.setText(as_sentence(problem))
            self.ok.setEnabled(False)

    def _summary(self):
        target = target_for(self.settings, self.document, self.layers, self.layers_only, self.upscalers)
        options = self.settings.options
        planned = self.upscalers.planned(target.pictures(), options)
        sentences = summary(planned, self.options, options, target.size, target.memory())
        blocked = target.blocked_seconds()
        if blocked > LONG and not self._target_chosen:
            self._target_chosen = True
            self.target.setCurrentIndex(self.target.findData("new-image"))
            self.settings.target = "new-image"
            sentences = [self._summary()]
            sentences.append("A new document is suggested because Krita would not respond while it scales this one.")
        elif blocked > 2:
            sentences.append(
                f"At the end Krita scales the canvas and does not respond for about {blocked:.0f} s; "
                "a new document does not need this step."
            )
        return " ".join(sentences)
