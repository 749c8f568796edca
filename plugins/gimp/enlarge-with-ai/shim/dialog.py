"""The dialog. What it offers beside the size comes from the library, which describes its own options.

It changes nothing but the procedure's arguments, which GIMP keeps for the next time.
"""

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gimp, GimpUi, GLib, Gtk  # noqa: E402

import enlarger  # noqa: E402
from enlarger.dialog import NETWORK, PLACED, SIZES, offered_factor, outlook  # noqa: E402

from . import settings  # noqa: E402
from .layers import enlargeable  # noqa: E402
from .widgets import choice, widget_for  # noqa: E402

# Options that say how the network works, beside the size.
WORK = {"denoise", "strength"}


def ask(procedure, config, image, drawables, upscalers):
    """Shows the dialog; returns whether the user wants it done. The arguments are in `config` then."""
    GimpUi.init("plug-in-enlarger")
    dialog = Dialog(procedure, config, image, drawables, upscalers)
    try:
        return dialog.run()
    finally:
        dialog.destroy()


def clear(grid):
    for child in grid.get_children():
        grid.remove(child)


class Dialog:
    def __init__(self, procedure, config, image, drawables, upscalers):
        self.config, self.image, self.upscalers = config, image, upscalers
        self._own = False
        self.layers, _ = enlargeable(image, drawables)
        self.window = GimpUi.ProcedureDialog.new(procedure, config, "Enlarge with AI")
        top = self.window.fill_box("top", ["target"])
        self.grid = Gtk.Grid(column_spacing=12, row_spacing=6)
        self.work = Gtk.Grid(column_spacing=12, row_spacing=6)
        self.line = Gtk.Label(xalign=0, wrap=True, max_width_chars=60)
        area = self.window.get_content_area()
        area.set_spacing(12)
        self.window.fill(["top"])
        # Room that is left over stays below.
        top.get_parent().set_child_packing(top, False, False, 0, Gtk.PackType.START)
        area.pack_start(self.grid, False, False, 0)
        area.pack_start(self.work, False, False, 0)
        self.more = Gtk.Grid(column_spacing=12, row_spacing=6, margin=6)
        expander = Gtk.Expander(label="Mor_e", use_underline=True)
        expander.add(self.more)
        area.pack_start(expander, False, False, 0)
        area.pack_start(self.line, False, False, 0)

        self._pending = None
        self._build()
        area.show_all()
        config.connect("notify", self._changed)
        self._changed()

    def run(self):
        return self.window.run()

    def destroy(self):
        if self._pending:
            GLib.source_remove(self._pending)
        self.window.destroy()

    def _build(self):
        """Widgets for the arguments as they are. Whoever else changes one later has them built anew: GIMP's own buttons
        Reset and Load Saved Settings do.
        """
        self._outdated = False
        clear(self.grid)
        self._build_network()
        self._build_size()
        self._build_options()
        self.grid.show_all()

    def _set(self, key, value):
        """Changes an argument because a widget did."""
        self._own = True
        self.config.set_property(key, value)
        self._own = False

    def _row(self, grid, row, label, widget, help="", focus=None):
        name = Gtk.Label(label=label, xalign=0, use_underline=True, mnemonic_widget=focus or widget)
        name.set_tooltip_text(help)
        widget.set_tooltip_text(help)
        widget.set_hexpand(True)
        grid.attach(name, 0, row, 1, 1)
        grid.attach(widget, 1, row, 1, 1)

    def _read_options(self):
        """The library's options as they are with the preset or the model that is chosen."""
        chosen = {key: self.config.get_property(key) for key in NETWORK}
        self.options = self.upscalers.options(chosen)
        for key in NETWORK:
            if key not in chosen:
                # What is remembered is not here any more.
                self._set(key, "")

    def _build_network(self):
        """What the result is to be like, or the one model that makes it."""
        self._read_options()
        self.choices = {}
        for row, (key, label) in enumerate([("preset", "_Preset"), ("model", "_Model")]):
            option = self.options[key]
            combo = choice(option, self.config.get_property(key), lambda value, key=key: self._network_chosen(key, value))
            self.choices[key] = combo
            self._row(self.grid, row, label, combo, option.help)
        self.choices["preset"].set_sensitive(self.options["preset"].applies)

    def _network_chosen(self, key, value):
        before = self.options["factor"].default
        self._set(key, value)
        self._read_options()
        self.choices["preset"].set_sensitive(self.options["preset"].applies)
        factor = offered_factor(before, self.options["factor"].default)
        if factor is not None:
            self.size.set_active([(key, value) for _, key, value in SIZES].index(("factor", factor)))
        self._build_options()

    def _build_size(self):
        box = Gtk.Box(spacing=6)
        self.size = combo = Gtk.ComboBoxText()
        for label, _, _ in SIZES:
            combo.append_text(label)
        self.number = Gtk.SpinButton()
        box.pack_start(combo, True, True, 0)
        box.pack_start(self.number, False, False, 0)
        combo.set_active(self._size_now())
        combo.connect("changed", lambda combo: self._size_chosen(combo.get_active()))
        self.number.connect("value-changed", lambda number: self._number_chosen(combo.get_active()))
        # GIMP's own button to save the settings has the S.
        self._row(self.grid, 2, "Si_ze", box, "How large the result is", focus=combo)
        self.number.set_no_show_all(True)
        self._show_number(combo.get_active())

    def _size_now(self):
        """Which line of SIZES the arguments stand for."""
        for index, (_, key, value) in enumerate(SIZES):
            if key == "factor":
                if value == self.config.get_property("factor") and not self._pixels_given():
                    return index
            elif self.config.get_property(key):
                return index
        own = next(index for index, (_, key, value) in enumerate(SIZES) if key == "factor" and value is None)
        if self.config.get_property("factor"):
            return own
        self._set("factor", 2.0)
        return 0

    def _pixels_given(self):
        return self.config.get_property("width") or self.config.get_property("height")

    def _size_chosen(self, index):
        _, key, value = SIZES[index]
        for other in ("width", "height"):
            self._set(other, 0)
        if key == "factor":
            if value is not None:
                self._set("factor", value)
        else:
            factor = self.config.get_property("factor") or 2.0
            side = self.image.get_width() if key == "width" else self.image.get_height()
            self._set(key, round(side * factor))
        self._show_number(index)

    def _show_number(self, index):
        _, key, value = SIZES[index]
        self.number.set_visible(value is None)
        if value is None:
            now = self.config.get_property(key)
            digits, top = (2, 16) if key == "factor" else (0, 1 << 20)
            self.number.set_digits(digits)
            self.number.set_range(0.1 if key == "factor" else 1, top)
            self.number.set_increments(0.5 if key == "factor" else 1, 1 if key == "factor" else 100)
            self.number.set_value(now or 1)

    def _number_chosen(self, index):
        _, key, value = SIZES[index]
        if value is None:
            number = self.number.get_value()
            self._set(key, number if key == "factor" else int(number))

    def _build_options(self):
        """How the network works, and under "More" all options that the library has and this dialog does not know."""
        given = settings.parsed(self.config.get_property("options"))
        clear(self.work)
        clear(self.more)
        for row, option in enumerate(self.options.values()):
            grid = self.work if option.key in WORK else self.more
            if option.key in PLACED or not option.applies:
                # Nothing is wanted that cannot be seen.
                self._set_option(option.key, None)
                continue
            unit = f" ({option.unit})" if option.unit else ""
            widget = widget_for(option, given.get(option.key), lambda value, key=option.key: self._set_option(key, value))
            self._row(grid, row, option.label + unit, widget, option.help)
        self.work.show_all()
        self.more.show_all()

    def _set_option(self, key, value):
        given = settings.parsed(self.config.get_property("options"))
        if value is None:
            given.pop(key, None)
        else:
            given[key] = value
        options = "; ".join(f"{key}={value}" for key, value in given.items())
        if options != (self.config.get_property("options") or ""):
            self._set("options", options)

    def _changed(self, _config=None, argument=None):
        """Looks again a little later: while a number is typed, every key changes it."""
        # GIMP itself made the widget of the target.
        if argument is not None and argument.name != "target" and not self._own:
            self._outdated = True
        if self._pending:
            GLib.source_remove(self._pending)
        self._pending = GLib.timeout_add(150, self._tell)

    def _tell(self):
        """Says how large the result will be and what it takes, or why it cannot be."""
        self._pending = None
        if self._outdated:
            self._build()
        in_place = self.config.get_property("target") == "in-place"
        self.size.set_sensitive(not in_place)
        self.number.set_sensitive(not in_place)
        try:
            wanted = settings.of(self.config)
            target = settings.target(self.config, self.image, self.layers, settings.sizes(wanted, self.upscalers))
            plans = [self.upscalers.plan(picture, wanted)[0] for picture in target.pictures()]
            size, held = target.size_of(plans), target.held(plans)
            self.line.set_text("\n".join(outlook(self.upscalers, self.options, wanted, plans, size, held)))
            self.window.set_response_sensitive(Gtk.ResponseType.OK, True)
        except enlarger.Error as problem:
            self.line.set_text(str(problem)[:1].upper() + str(problem)[1:])
            self.window.set_response_sensitive(Gtk.ResponseType.OK, False)
        return False
