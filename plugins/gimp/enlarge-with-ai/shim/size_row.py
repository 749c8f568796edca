"""The chooser for the size of the result: a list, and a number for the sizes that the user types.

It must never change other arguments than the factor, the width and the height.
"""

from gi.repository import Gtk

from enlarger.dialog import SIZES

from .widgets import leave_drops_to_dialog


class SizeRow(Gtk.Box):
    """The chooser.

    Arguments:
        config: the procedure's arguments, whose size it shows.
        image: what becomes larger.
        set_argument: called with an argument and its new value.
    """

    def __init__(self, config, image, set_argument):
        super().__init__(spacing=6)
        self._config, self._image, self._set = config, image, set_argument
        self.combo = Gtk.ComboBoxText()
        for label, _, _ in SIZES:
            self.combo.append_text(label)
        self._number = Gtk.SpinButton(no_show_all=True)
        leave_drops_to_dialog(self._number)
        self.pack_start(self.combo, True, True, 0)
        self.pack_start(self._number, False, False, 0)
        self.combo.set_active(self._index())
        self.combo.connect("changed", lambda combo: self._choose(combo.get_active()))
        self._number.connect("value-changed", lambda _: self._choose_number(self.combo.get_active()))
        self._show_number(self.combo.get_active())

    def choose_factor(self, factor):
        """Chooses a factor that the list has."""
        self.combo.set_active([(key, value) for _, key, value in SIZES].index(("factor", factor)))

    def _index(self):
        """The line of SIZES for the arguments."""
        for index, (_, key, value) in enumerate(SIZES):
            if key == "factor":
                if value == self._config.get_property("factor") and not self._pixels_given():
                    return index
            elif self._config.get_property(key):
                return index
        if self._config.get_property("factor"):
            return next(index for index, (_, key, value) in enumerate(SIZES) if key == "factor" and value is None)
        self._set("factor", 2.0)
        return 0

    def _pixels_given(self):
        return self._config.get_property("width") or self._config.get_property("height")

    def _choose(self, index):
        _, key, value = SIZES[index]
        for other in ("width", "height"):
            self._set(other, 0)
        if key == "factor":
            if value is not None:
                self._set("factor", value)
        else:
            factor = self._config.get_property("factor") or 2.0
            side = self._image.get_width() if key == "width" else self._image.get_height()
            self._set(key, round(side * factor))
        self._show_number(index)

    def _show_number(self, index):
        _, key, value = SIZES[index]
        self._number.set_visible(value is None)
        if value is None:
            now = self._config.get_property(key)
            digits, top = (2, 16) if key == "factor" else (0, 1 << 20)
            self._number.set_digits(digits)
            self._number.set_range(0.1 if key == "factor" else 1, top)
            self._number.set_increments(0.5 if key == "factor" else 1, 1 if key == "factor" else 100)
            self._number.set_value(now or 1)

    def _choose_number(self, index):
        _, key, value = SIZES[index]
        if value is None:
            number = self._number.get_value()
            self._set(key, number if key == "factor" else int(number))
