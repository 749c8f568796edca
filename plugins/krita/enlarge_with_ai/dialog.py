"""The dialog. What it offers beside the size comes from the library, which describes its own options.

It changes nothing; what was chosen is in `wanted`, and remembered for the next time.
"""

from dataclasses import replace

from .documents import is_open
from .enlarger import Error, dialog
from .enlarger.dialog import NETWORK, PLACED, offered_factor, outlook
from .guard import guarded, sentence
from .qt import QtCore, QtWidgets
from .settings import TARGETS, remembered, resolution
from .targets import target_of
from .widgets import choice, widget_for

# What the size can be given as, also by the document's resolution.
SIZES = [*dialog.SIZES, ("Width in centimetres", "width_cm", None), ("Height in centimetres", "height_cm", None)]
# Options that stand beside the size.
WORK = ("denoise", "strength", "device")
# Seconds that Krita may not answer, beyond which a new document is offered first.
LONG = 5


class Dialog(QtWidgets.QDialog):
    """Attributes:
        wanted: a Wanted.
        document, layers, layers_only: what it was opened for.
    """

    def __init__(self, document, layers, layers_only, upscalers, parent=None):
        super().__init__(parent)
        self.document, self.layers, self.layers_only = document, layers, layers_only
        self.upscalers = upscalers
        self.wanted = remembered()
        self._chose_target, self._habit = False, self.wanted.target
        self.setWindowTitle("Enlarge with AI")
        self.form = QtWidgets.QFormLayout()
        names = [f"'{node.name()}'" for node in layers.enlarged]
        what = "all paint layers" if not layers_only else names[0] if len(names) == 1 else f"{len(names)} layers"
        about = QtWidgets.QLabel(f"By AI: {what}" + (f"; {len(layers.left)} left to Krita" if layers.left else ""))
        about.setToolTip("\n".join(names + layers.told("is left to Krita")))
        self.form.addRow(about)
        self._build_target()
        self._build_size()
        self._rows = self.form.rowCount()
        self.more = QtWidgets.QGroupBox("More")
        self.more.setLayout(QtWidgets.QFormLayout())
        self.more.setVisible(False)
        toggle = QtWidgets.QToolButton()
        toggle.setText("More options")
        toggle.setCheckable(True)
        toggle.setAutoRaise(True)
        toggle.toggled.connect(guarded(self._show_more))
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
        column.addWidget(toggle)
        column.addWidget(self.more)
        column.addWidget(self.line)
        column.addWidget(buttons)
        # A little later than each change: while a number is typed, every key changes it.
        self._later = QtCore.QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(150)
        self._later.timeout.connect(guarded(self._tell))
        self.options = upscalers.options(self.wanted.options)
        self._build_options()
        self._tell()

    @guarded
    def accept(self):
        self._tell()
        if self.ok.isEnabled():
            # What was only proposed is no habit.
            replace(self.wanted, target=self._habit).save()
            super().accept()

    def _show_more(self, on):
        self.more.setVisible(on)
        QtCore.QTimer.singleShot(0, self.adjustSize)

    def _build_target(self):
        self.target = QtWidgets.QComboBox()
        for key, label in TARGETS:
            self.target.addItem(label, key)
        self.target.setCurrentIndex(self.target.findData(self.wanted.target))
        self.target.activated.connect(guarded(lambda _: self._target_chosen()))
        self.form.addRow("&Target", self.target)

    def _target_chosen(self):
        self._chose_target = True
        self._habit = self.wanted.target = self.target.currentData()
        self._changed()

    def _build_size(self):
        self.size = QtWidgets.QComboBox()
        for label, _, _ in SIZES:
            self.size.addItem(label)
        self.number = QtWidgets.QDoubleSpinBox()
        row = QtWidgets.QHBoxLayout()
        row.addWidget(self.size, 1)
        row.addWidget(self.number)
        self.size.setCurrentIndex(self._size_now())
        self._show_number()
        self.size.currentIndexChanged.connect(guarded(lambda _: self._size_chosen()))
        self.number.valueChanged.connect(guarded(self._number_chosen))
        self.form.addRow("&Size", row)
        self.form.labelForField(row).setBuddy(self.size)

    def _size_now(self):
        """Which line of SIZES stands for what is wanted."""
        sizes = [(unit, value) for _, unit, value in SIZES]
        exact = self.wanted.unit, self.wanted.value
        return sizes.index(exact if exact in sizes else (self.wanted.unit, None))

    def _size_chosen(self):
        _, unit, value = SIZES[self.size.currentIndex()]
        if value is None and unit != self.wanted.unit:
            value = self._as_now(unit)
        self.wanted.unit = unit
        self.wanted.value = value if value is not None else self.wanted.value
        self._show_number()
        self._changed()

    def _as_now(self, unit):
        """What is wanted now, in another unit."""
        width, height = self.wanted.size(self.document, 1)
        side, pixels, before = (
            ("height", height, self.document.height())
            if unit.startswith("height")
            else ("width", width, self.document.width())
        )
        if unit == "factor":
            return pixels / before
        return pixels / resolution(self.document, side) * 2.54 if unit.endswith("_cm") else pixels

    def _show_number(self):
        _, unit, value = SIZES[self.size.currentIndex()]
        self.number.setVisible(value is None)
        digits, least, most, suffix = {
            "factor": (2, 0.1, 16, " ×"),
            "width": (0, 1, 1 << 20, " px"),
            "height": (0, 1, 1 << 20, " px"),
        }.get(unit, (2, 0.01, 100000, " cm"))
        self.number.blockSignals(True)
        self.number.setDecimals(digits)
        self.number.setRange(least, most)
        self.number.setSuffix(suffix)
        self.number.setValue(self.wanted.value)
        self.number.blockSignals(False)

    def _number_chosen(self, value):
        self.wanted.value = value
        self._changed()

    def _build_options(self):
        """What the result is to be like, and under "More" all options that the library has and this dialog does not know."""
        for form, kept in ((self.form, self._rows), (self.more.layout(), 0)):
            while form.rowCount() > kept:
                form.removeRow(kept)
        options = self.options
        # Nothing is wanted that cannot be seen.
        self.wanted.options = {
            key: value
            for key, value in self.wanted.options.items()
            if key in options and (options[key].applies or key in NETWORK)
        }
        for key in NETWORK:
            combo = choice(options[key], self.wanted.options.get(key), self._network_setter(key))
            combo.setEnabled(options[key].applies)
            self._row(self.form, options[key], combo)
        for key, option in options.items():
            form = self.form if key in WORK else self.more.layout()
            if option.applies and (key in WORK or key not in PLACED):
                self._row(form, option, widget_for(option, self.wanted.options.get(key), self._setter(key)))

    def _row(self, form, option, widget):
        widget.setToolTip(option.help)
        form.addRow(option.label, widget)

    def _network_setter(self, key):
        return lambda value: self._network_chosen(key, value)

    def _network_chosen(self, key, value):
        before = self.options["factor"].default
        self._set(key, value)
        self.options = self.upscalers.options(self.wanted.options)
        factor = offered_factor(before, self.options["factor"].default)
        if factor is not None:
            sizes = [(unit, size) for _, unit, size in SIZES]
            self.size.setCurrentIndex(sizes.index(("factor", factor)))
        # Not from inside a signal of a widget that goes away with this.
        QtCore.QTimer.singleShot(0, guarded(self._build_options))

    def _setter(self, key):
        return lambda value: self._set(key, value)

    def _set(self, key, value):
        if value is None:
            self.wanted.options.pop(key, None)
        else:
            self.wanted.options[key] = value
        self._changed()

    def _changed(self):
        self._later.start()

    def _tell(self):
        """Says how large the result will be and what it takes, or why it cannot be."""
        self._later.stop()
        if not is_open(self.document):
            self.reject()
            return
        in_place = self.wanted.target == "in-place"
        self.size.setEnabled(not in_place)
        self.number.setEnabled(not in_place)
        try:
            self.line.setText(self._sentences())
            self.ok.setEnabled(True)
        except Error as problem:
            self.line.setText(sentence(problem))
            self.ok.setEnabled(False)

    def _sentences(self):
        target = target_of(self.wanted, self.document, self.layers, self.layers_only, self.upscalers)
        plans = [self.upscalers.plan(picture, self.wanted.options)[0] for picture in target.pictures()]
        said = outlook(self.upscalers, self.options, self.wanted.options, plans, target.size, target.held())
        blocked = target.blocked_seconds()
        if blocked > LONG and not self._chose_target:
            self._chose_target = True
            self.target.setCurrentIndex(self.target.findData("new-image"))
            self.wanted.target = "new-image"
            said = [self._sentences()]
            said.append("A new document is proposed because Krita could not be used while it scales this one.")
        elif blocked > 2:
            said.append(
                f"At the end Krita scales the canvas and cannot be used for about {blocked:.0f} s; "
                "a new document needs no such step."
            )
        return " ".join(said)
