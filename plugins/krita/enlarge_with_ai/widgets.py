"""A widget for each type of option. A widget must give None for the option's default."""

from .enlarger.translation import _
from .messages import safe_slot
from .qt import QtCore, QtWidgets


def widget_for(option, value, changed):
    """A widget that shows a value (None: the default) and calls changed(value or None) with each new one."""
    return {"choice": choice, "boolean": switch}.get(option.type, number)(option, value, changed)


def choice(option, value, changed):
    combo = QtWidgets.QComboBox()
    for key, label in option.choices:
        combo.addItem(label, key)
        combo.setItemData(combo.count() - 1, option.help_of(key), QtCore.Qt.ItemDataRole.ToolTipRole)
    # A saved value may not exist any more.
    combo.setCurrentIndex(max(combo.findData(option.default if value is None else value), 0))
    combo.currentIndexChanged.connect(safe_slot(lambda _: changed(unless_default(option, combo.currentData()))))
    return combo


def switch(option, value, changed):
    check = QtWidgets.QCheckBox()
    check.setChecked(option.default if value is None else bool(value))
    check.toggled.connect(safe_slot(lambda on: changed(unless_default(option, on))))
    return check


def number(option, value, changed):
    whole = option.type == "integer"
    # QSpinBox ends at 2^31; QDoubleSpinBox is exact up to 2^53.
    spin = QtWidgets.QDoubleSpinBox()
    top = min(option.maximum, 2.0**53)
    spin.setDecimals(0 if whole else 2)
    spin.setRange(option.minimum, top)
    spin.setSingleStep(1 if whole else max((top - option.minimum) / 100, 0.01))
    spin.setSuffix(f" {option.unit}" if option.unit else "")
    if option.automatic:
        spin.setSpecialValueText(_("Automatic"))
    spin.setValue(option.default if value is None else value)

    def value_changed(now):
        changed(unless_default(option, int(now) if whole else now))

    spin.valueChanged.connect(safe_slot(value_changed))
    return spin


def unless_default(option, value):
    return None if value == option.default else value
