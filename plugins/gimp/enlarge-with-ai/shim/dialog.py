"""The dialog. Its options come from the library's descriptions; only the target and the size are made here.

It must never change anything but the procedure's arguments, which GIMP keeps for the next time.
"""

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import GimpUi, GLib, Gtk  # noqa: E402

import enlarger  # noqa: E402
from enlarger.dialog import as_sentence, missing_note, sections, suggested_factor, summary  # noqa: E402
from enlarger.upscaler_cache import NETWORK_KEYS  # noqa: E402

from . import arguments  # noqa: E402
from .eligible_layers import eligible_layers  # noqa: E402
from .model_actions import ModelActions  # noqa: E402
from .notice import Notice  # noqa: E402
from .size_row import SizeRow  # noqa: E402
from .widgets import widget_for  # noqa: E402


def show_dialog(procedure, config, image, drawables, upscalers):
    """Shows the dialog; returns whether the user pressed OK. The arguments are then in `config`."""
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
        self._setting = False
        self.layers, _ = eligible_layers(image, drawables)
        self.window = GimpUi.ProcedureDialog.new(procedure, config, "Enlarge with AI")
        top = self.window.fill_box("top", ["target"])
        self.grid = Gtk.Grid(column_spacing=12, row_spacing=6)
        self.main = Gtk.Grid(column_spacing=12, row_spacing=6)
        self.line = Gtk.Label(xalign=0, wrap=True, max_width_chars=60)
        area = self.window.get_content_area()
        area.set_spacing(12)
        self.window.fill(["top"])
        # Extra space goes below.
        top.get_parent().set_child_packing(top, False, False, 0, Gtk.PackType.START)
        self.notice = Notice()
        self.models = ModelActions(self.window, upscalers, self.notice, self._models_changed)
        area.pack_start(self.grid, False, False, 0)
        area.pack_start(self.notice, False, False, 0)
        area.pack_start(self.main, False, False, 0)
        self.more = Gtk.Grid(column_spacing=12, row_spacing=6, margin=6)
        expander = Gtk.Expander(label="Mor_e options", use_underline=True)
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
        """Builds the widgets for the current arguments. They are built again when something else changes an argument, such
        as GIMP's buttons Reset and Load Saved Settings.
        """
        self._outdated = False
        clear(self.grid)
        self._build_size(self._build_network())
        self._build_options()
        self.grid.show_all()

    def _set(self, key, value):
        """Changes an argument for a widget of this dialog."""
        self._setting = True
        self.config.set_property(key, value)
        self._setting = False

    def _add_row(self, grid, row, label, widget, help="", focus=None):
        name = Gtk.Label(label=label, xalign=0, use_underline=True, mnemonic_widget=focus or widget)
        name.set_tooltip_text(help)
        widget.set_tooltip_text(help)
        widget.set_hexpand(True)
        grid.attach(name, 0, row, 1, 1)
        grid.attach(widget, 1, row, 1, 1)

    def _read_options(self):
        """Reads the descriptions of the library's options for the chosen preset, model or method."""
        saved = {key: self.config.get_property(key) for key in NETWORK_KEYS}
        chosen = dict(saved)
        self.options = self.upscalers.options(chosen)
        for key in NETWORK_KEYS:
            if key not in chosen:
                # The saved preset, model or method does not exist any more.
                self._set(key, "")
        missing = missing_note(saved, chosen)
        if missing:
            self.notice.tell(missing)

    def _build_network(self):
        """The preset, the model with the buttons for further models, and the method."""
        self._read_options()
        self.network = {}
        row = 0
        for option in sections(self.options).network:
            value = self.config.get_property(option.key)
            combo = widget_for(option, value, lambda value, key=option.key: self._choose_network(key, value))
            self.network[option.key] = combo
            self._add_row(self.grid, row, f"_{option.label}", combo, option.help)
            row += 1
            if option.key == "model":
                self.grid.attach(self.models.buttons, 1, row, 1, 1)
                row += 1
        self._update_network()
        return row

    def _update_network(self):
        for key, combo in self.network.items():
            combo.set_sensitive(self.options[key].applies)

    def _models_changed(self, chosen):
        """Models were added or removed. Lists those that there are now, and chooses one, or keeps the choice for None."""
        before = self.options["factor"].default
        self.upscalers.refresh()
        if chosen:
            # A method would disable the model.
            for key, value in (("method", ""), ("model", chosen)):
                self._set(key, value)
        self._read_options()
        factor = suggested_factor(before, self.options["factor"].default)
        self._build()
        if factor is not None:
            self.size.choose_factor(factor)
        if chosen:
            self.network["model"].grab_focus()
        self._changed()

    def _choose_network(self, key, value):
        self.notice.tell("")
        before = self.options["factor"].default
        self._set(key, value)
        self._read_options()
        self._update_network()
        factor = suggested_factor(before, self.options["factor"].default)
        if factor is not None:
            self.size.choose_factor(factor)
        self._build_options()

    def _build_size(self, row):
        self.size = SizeRow(self.config, self.image, self._set)
        # GIMP's button Save Settings has the mnemonic S.
        self._add_row(self.grid, row, "Si_ze", self.size, "The size of the result", focus=self.size.combo)

    def _build_options(self):
        """The library's options, by their groups: always visible, or below "More options"."""
        shown = sections(self.options)
        # An option that is not shown has its default.
        for key in self.options:
            if key in NETWORK_KEYS or key not in shown.keys:
                self._set_option(key, None)
        given = arguments.parse_options(self.config.get_property("options"))
        for grid, options in ((self.main, shown.main), (self.more, shown.more)):
            clear(grid)
            for row, option in enumerate(options):
                unit = f" ({option.unit})" if option.unit else ""
                widget = widget_for(
                    option, given.get(option.key), lambda value, key=option.key: self._set_option(key, value)
                )
                self._add_row(grid, row, option.label + unit, widget, option.help)
            grid.show_all()

    def _set_option(self, key, value):
        given = arguments.parse_options(self.config.get_property("options"))
        if value is None:
            given.pop(key, None)
        else:
            given[key] = value
        options = arguments.format_options(given)
        if options != (self.config.get_property("options") or ""):
            self._set("options", options)

    def _changed(self, _config=None, argument=None):
        """Updates the summary a little later: while the user types a number, each key changes it."""
        # The widget of the target is GIMP's own.
        if argument is not None and argument.name != "target" and not self._setting:
            self._outdated = True
        if self._pending:
            GLib.source_remove(self._pending)
        self._pending = GLib.timeout_add(150, self._update_summary)

    def _update_summary(self):
        """Shows the size of the result and what it takes, or why it is not possible."""
        self._pending = None
        if self._outdated:
            self._build()
        in_place = self.config.get_property("target") == "in-place"
        self.size.set_sensitive(not in_place)
        try:
            settings = arguments.settings_of(self.config)
            enlarged_size = arguments.take_size(settings, self.upscalers)
            target = arguments.target_of(self.config, self.image, self.layers, enlarged_size)
            plans = [self.upscalers.plan(picture, settings)[0] for picture in target.pictures()]
            size, memory = target.size_of(plans), target.memory(plans)
            self.line.set_text("\n".join(summary(self.upscalers, self.options, settings, plans, size, memory)))
            self.window.set_response_sensitive(Gtk.ResponseType.OK, True)
        except enlarger.Error as problem:
            self.line.set_text(as_sentence(problem))
            self.window.set_response_sensitive(Gtk.ResponseType.OK, False)
        return False
