"""The chooser for the size of the result: a list, and a number for the sizes that the user types.

It must never change other settings than the unit and the value of the size.
"""

from .enlarger import dialog
from .enlarger.translation import _
from .messages import safe_slot
from .qt import QtWidgets
from .settings import resolution

# In Krita also in centimetres, by the document's resolution.
SIZES = [*dialog.SIZES, (_("Width in centimetres"), "width_cm", None), (_("Height in centimetres"), "height_cm", None)]


class SizeRow(QtWidgets.QHBoxLayout):
    """The chooser.

    Arguments:
        settings: the Settings whose size it shows and changes.
        document: what becomes larger.
        changed: called after each change.
    """

    def __init__(self, settings, document, changed):
        super().__init__()
        self._settings, self._document, self._changed = settings, document, changed
        self.combo = QtWidgets.QComboBox()
        for size in SIZES:
            self.combo.addItem(size[0])
        self.number = QtWidgets.QDoubleSpinBox()
        self.addWidget(self.combo, 1)
        self.addWidget(self.number)
        self.combo.setCurrentIndex(self._index())
        self._show_number()
        self.combo.currentIndexChanged.connect(safe_slot(lambda _: self._choose()))
        self.number.valueChanged.connect(safe_slot(self._choose_number))

    def set_help(self, options):
        """Takes the help from the descriptions of the library's options."""
        self.combo.setToolTip(options["factor"].help)
        self.number.setToolTip(options["factor"].help)

    def choose_factor(self, factor):
        """Chooses a factor that the list has."""
        self.combo.setCurrentIndex([(unit, value) for _, unit, value in SIZES].index(("factor", factor)))

    def _index(self):
        """The line of SIZES for the settings."""
        sizes = [(unit, value) for _, unit, value in SIZES]
        exact = self._settings.unit, self._settings.value
        return sizes.index(exact if exact in sizes else (self._settings.unit, None))

    def _choose(self):
        _, unit, value = SIZES[self.combo.currentIndex()]
        if value is None and unit != self._settings.unit:
            value = self._current_size_in(unit)
        self._settings.unit = unit
        self._settings.value = value if value is not None else self._settings.value
        self._show_number()
        self._changed()

    def _current_size_in(self, unit):
        """The size of the settings in another unit."""
        width, height = self._settings.size(self._document)
        side, pixels, before = (
            ("height", height, self._document.height())
            if unit.startswith("height")
            else ("width", width, self._document.width())
        )
        if unit == "factor":
            return pixels / before
        return pixels / resolution(self._document, side) * 2.54 if unit.endswith("_cm") else pixels

    def _show_number(self):
        _, unit, value = SIZES[self.combo.currentIndex()]
        self.number.setVisible(value is None)
        digits, minimum, maximum, suffix = {
            "factor": (2, 0.1, 16, " ×"),
            "width": (0, 1, 1 << 20, " px"),
            "height": (0, 1, 1 << 20, " px"),
        }.get(unit, (2, 0.01, 100000, " cm"))
        self.number.blockSignals(True)
        self.number.setDecimals(digits)
        self.number.setRange(minimum, maximum)
        self.number.setSuffix(suffix)
        self.number.setValue(self._settings.value)
        self.number.blockSignals(False)

    def _choose_number(self, value):
        self._settings.value = value
        self._changed()
