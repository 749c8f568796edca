"""The dialog. Its options come from the library's descriptions; only the target and the size are made here.

It must never change the document; the result is in `settings`, which are saved for the next time. What an enlargement
takes is worked out beside the preview, on another thread, because a model may have to be opened for it.
"""

from dataclasses import replace

from .advice_box import AdviceBox
from .open_documents import is_open
from .enlarger import Error, advice_line, mask_choice
from .enlarger.dialog import as_sentence, missing_note, sections, suggested_factor, summary
from .enlarger.translation import _, plural
from .enlarger.upscaler_cache import SIZE_KEYS
from .messages import safe_slot
from .model_actions import ModelActions
from .notice import Notice, make_room
from .preview_panel import PreviewPanel
from .qt import QtCore, QtWidgets
from .refused_layers import IS_LEFT
from .settings import TARGETS, saved_settings
from .size_row import SizeRow
from .strength_mask import can_be_used
from .targets import target_for
from .widgets import widget_for

# If Krita would not respond for more seconds than this, a new document is suggested.
LONG = 5
TARGET_HELP = _("What becomes larger: everything on the canvas, or a new document or layer. Restore in place changes no size.")
# The least width and height of the pages with options, which can be scrolled, and the height of the dialog at first; in Qt's
# pixels.
PAGE, PAGE_HEIGHT, HEIGHT = 360, 210, 640


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
        self._target = self._answered = None
        self._suggested = ""
        self.setWindowTitle(_("Enlarge with AI"))
        self.notice = Notice()
        self.models = ModelActions(self, upscalers, self.notice, self._models_changed)
        self.preview = PreviewPanel(self, document, upscalers)
        self.advice = AdviceBox(self._take_changes)
        self.setAcceptDrops(True)
        self._build_pages()
        self._build_target()
        self._build_size()
        self._build_mask()
        self._fixed_rows = self.form.rowCount()
        self._arrange()
        # The preview is updated a little after a change: while the user types a number, each key changes it.
        self._delay = QtCore.QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(150)
        self._delay.timeout.connect(safe_slot(self._update))
        self.preview.answered.connect(safe_slot(self._show_answer))
        self.preview.chosen.connect(safe_slot(self._take))
        self.preview.switched.connect(safe_slot(self._switch_face))
        self._read_options()
        self._build_options()
        self._update()

    def _build_pages(self):
        """The pages for options: what is always needed, More and Advanced."""
        self.pages = QtWidgets.QTabWidget()
        # Advice below them takes room from them instead of making the dialog higher.
        self.pages.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Ignored)
        self.pages.setMinimumHeight(PAGE_HEIGHT)
        self.basics, self.form = self._add_page(_("&Enlarge"), _("What becomes larger, how large, and what it should look like."))
        self.more, self.more_form = self._add_page(_("&More"), _("A model or a method instead of a preset, and further options."))
        self.advanced, self.advanced_form = self._add_page(_("A&dvanced"), _("Engines, processors and memory."))
        names = [f"'{node.name()}'" for node in self.layers.enlarged]
        count, skipped = len(names), len(self.layers.skipped)
        many = plural("{count} layer", "{count} layers", count).format(count=count)
        what = _("all paint layers") if not self.layers_only else names[0] if count == 1 else many
        text = _("By AI: {what}; left to Krita: {count}") if skipped else _("By AI: {what}")
        about = QtWidgets.QLabel(text.format(what=what, count=skipped))
        about.setToolTip("\n".join(names + self.layers.notes(IS_LEFT)))
        self.form.addRow(about)

    def _add_page(self, title, help):
        """Adds a page; returns its widget and its form. On a small screen it can be scrolled."""
        page, area = QtWidgets.QWidget(), QtWidgets.QScrollArea()
        form = QtWidgets.QFormLayout(page)
        form.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(PAGE)
        self.pages.addTab(area, title)
        self.pages.setTabToolTip(self.pages.indexOf(area), help)
        return page, form

    def _arrange(self):
        """Options and the small picture on the left, the preview on the right, what it takes below."""
        self.line = QtWidgets.QLabel()
        self.line.setWordWrap(True)
        buttons = QtWidgets.QDialogButtonBox(
            QtWidgets.QDialogButtonBox.StandardButton.Ok | QtWidgets.QDialogButtonBox.StandardButton.Cancel
        )
        self.ok = buttons.button(QtWidgets.QDialogButtonBox.StandardButton.Ok)
        self.ok.setText(_("Enlarge"))
        self.ok.setToolTip(_("Starts the enlargement with these options."))
        buttons.button(QtWidgets.QDialogButtonBox.StandardButton.Cancel).setToolTip(_("Changes nothing."))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        left, right, columns = QtWidgets.QVBoxLayout(), QtWidgets.QVBoxLayout(), QtWidgets.QHBoxLayout()
        left.addWidget(self.pages, 1)
        left.addWidget(self.advice)
        left.addWidget(self.preview.picture)
        right.addWidget(self.preview.view, 1)
        right.addWidget(self.preview.controls)
        columns.addLayout(left)
        columns.addLayout(right, 1)
        column = QtWidgets.QVBoxLayout(self)
        column.addLayout(columns, 1)
        column.addWidget(self.notice)
        column.addWidget(self.line)
        column.addWidget(buttons)
        self.resize(self.sizeHint().width(), HEIGHT)

    @safe_slot
    def accept(self):
        if self._delay.isActive():
            self._update()
        if self.ok.isEnabled():
            # A target that was only suggested is not saved, nor what suits this picture only.
            kept = {key: value for key, value in self.settings.options.items() if key not in advice_line.OF_ONE_PICTURE}
            replace(self.settings, target=self._saved_target, options=kept).save()
            super().accept()

    def stop(self):
        """Stops what is going on, because the dialog or Krita ends."""
        self._delay.stop()
        self.models.close()
        self.preview.close()

    @safe_slot
    def dragEnterEvent(self, event):
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    @safe_slot
    def dropEvent(self, event):
        event.acceptProposedAction()
        self.models.drop(event.mimeData().urls())

    def _build_target(self):
        self.target = QtWidgets.QComboBox()
        for key, label in TARGETS:
            self.target.addItem(label, key)
        self.target.setCurrentIndex(self.target.findData(self.settings.target))
        self.target.activated.connect(safe_slot(lambda _: self._choose_target()))
        self.target.setToolTip(TARGET_HELP)
        self.form.addRow(_("&Target"), self.target)

    def _choose_target(self):
        self._target_chosen, self._suggested = True, ""
        self._saved_target = self.settings.target = self.target.currentData()
        self._changed()

    def _build_size(self):
        row = SizeRow(self.settings, self.document, self._changed)
        self.size, self.number = row.combo, row.number
        self.form.addRow(_("&Size"), row)
        self.form.labelForField(row).setBuddy(self.size)
        self.size_row = row

    def _build_mask(self):
        """The chooser for where the network is used. The choice of the last time may not be possible for this document."""
        self.mask = QtWidgets.QComboBox()
        for choice in mask_choice.CHOICES:
            self.mask.addItem(choice.label, choice.id)
            self.mask.setItemData(self.mask.count() - 1, choice.help, QtCore.Qt.ItemDataRole.ToolTipRole)
        last = mask_choice.mask_choice(self.settings.mask)
        if not can_be_used(self.document, self.layers.enlarged, last):
            self.settings.mask = mask_choice.EVERYWHERE.id
            self.notice.tell(mask_choice.fallback_note(last))
        self.mask.setCurrentIndex(self.mask.findData(self.settings.mask))
        self.mask.activated.connect(safe_slot(lambda _: self._choose_mask()))
        self.mask.setToolTip(mask_choice.HELP)
        self.form.addRow(mask_choice.LABEL, self.mask)

    def _choose_mask(self):
        self.settings.mask = self.mask.currentData()
        self._changed()

    def _advice_switch(self):
        switch = QtWidgets.QCheckBox(advice_line.SHOW_LABEL)
        switch.setToolTip(advice_line.SHOW_HELP)
        switch.setChecked(self.settings.advice)
        switch.toggled.connect(safe_slot(self._show_or_hide_advice))
        return switch

    def _show_or_hide_advice(self, shown):
        self.settings.advice = shown
        self._changed()

    def _build_options(self):
        """The library's options, by their groups: the preset below the size, the rest on the pages More and Advanced."""
        for form, kept in ((self.form, self._fixed_rows), (self.more_form, 0), (self.advanced_form, 0)):
            while form.rowCount() > kept:
                form.removeRow(kept)
        shown = sections(self.options)
        # An option that is not shown has its default.
        self.settings.options = {key: value for key, value in self.settings.options.items() if key in shown.keys}
        self.network = {}
        for option in shown.network:
            form = self.form if option.key == "preset" else self.more_form
            self.network[option.key] = self._add_row(form, option, self._choose_network)
            self.network[option.key].setEnabled(option.applies)
            if option.key == "model":
                form.addRow("", self.models.buttons())
        for option in (*shown.main, *shown.more):
            self._add_row(self.more_form, option, self._set)
        self.more_form.addRow(self._advice_switch())
        for option in shown.advanced:
            self._add_row(self.advanced_form, option, self._set)
            help = QtWidgets.QLabel(option.help)
            help.setWordWrap(True)
            self.advanced_form.addRow(help)
        self.size_row.set_help(self.options)
        # As wide as the texts need beside a scroll bar: no page can be scrolled sideways.
        for area in map(self.pages.widget, range(self.pages.count())):
            needed = area.widget().minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width()
            area.setMinimumWidth(max(PAGE, needed))

    def _add_row(self, form, option, changed):
        """Adds an option's widget; it calls changed(key, value or None)."""
        value = self.settings.options.get(option.key)
        widget = widget_for(option, value, lambda value: changed(option.key, value))
        widget.setToolTip(option.help)
        form.addRow(option.label, widget)
        form.labelForField(widget).setToolTip(option.help)
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

    def _switch_face(self, picture, faces, face):
        self.settings.faces.switch(picture.identity, faces, face)
        # At once, so that the click is seen; what it does to the picture comes later.
        self._update()

    def _take(self, choice):
        """Takes a choice of the comparison."""
        self._take_changes(choice.settings)

    def _take_changes(self, changes):
        """Takes settings by key; None removes one."""
        for key, value in changes.items():
            if key not in SIZE_KEYS:
                self._set(key, value)
            elif value is not None:
                self.size_row.choose_factor(value)
        self._network_changed()

    def _changed(self):
        self._delay.start()

    def _update(self):
        """Has the preview follow the settings, or says why they are not possible."""
        self._delay.stop()
        if not is_open(self.document):
            self.reject()
            return
        try:
            self._target = target_for(self.settings, self.document, self.layers, self.layers_only)
            self.preview.advise = self.settings.advice
            self.preview.update(self._target, self.settings.options, self.options)
        except Error as problem:
            # What still comes answers an earlier question.
            self._target = None
            self._refuse(problem)
            self.preview.refuse(as_sentence(problem))
        in_place = self.settings.target == "in-place"
        self.size.setEnabled(not in_place)
        self.number.setEnabled(not in_place)

    def _show_answer(self):
        """Shows the size of the result and what it takes, or why it is not possible."""
        if not is_open(self.document):
            self.reject()
            return
        preview = self.preview.preview
        size = {self.settings.unit: self.settings.value}
        self.advice.show_lines(advice_line.advice_lines(preview.advice, self.options, {**size, **self.settings.options}))
        answer = preview.problem or preview.planned
        if self._target is None or answer is None or answer is self._answered:
            return
        self._answered = answer
        if preview.problem is not None:
            self._refuse(preview.problem)
            return
        target = self._target
        blocked = target.blocked_seconds()
        if blocked > LONG and not self._target_chosen:
            self._suggest_new_document()
            return
        sentences = summary(preview.planned, self.options, self.settings.options, target.size, target.memory())
        if self._suggested:
            sentences.append(self._suggested)
        elif blocked > 2:
            sentences.append(
                _(
                    "At the end Krita scales the canvas and does not respond for about {seconds} s; "
                    "a new document does not need this step."
                ).format(seconds=round(blocked))
            )
        self.line.setText(" ".join(sentences))
        make_room(self)
        self.ok.setEnabled(True)

    def _suggest_new_document(self):
        self._target_chosen = True
        self.target.setCurrentIndex(self.target.findData("new-image"))
        self.settings.target = "new-image"
        self._suggested = _("A new document is suggested because Krita would not respond while it scales this one.")
        self._update()

    def _refuse(self, problem):
        self._answered = problem
        self.line.setText(as_sentence(problem))
        make_room(self)
        self.ok.setEnabled(False)
