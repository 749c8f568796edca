"""The dialog. Its options come from the library's descriptions; only the target and the size are made here.

It must never change anything but the procedure's arguments, which GIMP keeps for the next time.
"""

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import GimpUi, GLib, GObject, Gtk  # noqa: E402

import enlarger  # noqa: E402
from enlarger import advice_line, mask_choice  # noqa: E402
from enlarger.dialog import as_sentence, missing_note, sections, suggested_factor, summary  # noqa: E402
from enlarger.translation import _  # noqa: E402
from enlarger.upscaler_cache import NETWORK_KEYS, SIZE_KEYS  # noqa: E402

from . import arguments  # noqa: E402
from .advice_box import AdviceBox  # noqa: E402
from .eligible_layers import eligible_layers  # noqa: E402
from .mask_combo import MaskCombo  # noqa: E402
from .model_actions import ModelActions  # noqa: E402
from .notice import Notice  # noqa: E402
from .preview_pane import PreviewPane  # noqa: E402
from .size_row import SizeRow  # noqa: E402
from .strength_mask import strength_masks  # noqa: E402
from .widgets import widget_for  # noqa: E402

# Milliseconds without a change after which the result is computed.
REST = 100
# The least width of the choices, and the most height of the pages with options, in units of the desktop.
LEFT, PAGE = 380, 290
# Each with a letter for the keyboard of its own.
NETWORK_LABELS = {"preset": _("_Preset"), "model": _("_Model"), "method": _("Met_hod")}


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


def options_grid():
    return Gtk.Grid(column_spacing=12, row_spacing=2, margin=6)


class Dialog:
    def __init__(self, procedure, config, image, drawables, upscalers):
        self.config, self.image, self.upscalers = config, image, upscalers
        self._setting = False
        self.layers = eligible_layers(image, drawables)[0]
        self.window = GimpUi.ProcedureDialog.new(procedure, config, _("Enlarge with AI"))
        top = self.window.fill_box("top", ["target"])
        self.grid = Gtk.Grid(column_spacing=12, row_spacing=6)
        self.networks, self.more, self.advanced = options_grid(), options_grid(), options_grid()
        self.line = Gtk.Label(xalign=0, yalign=0, wrap=True, max_width_chars=70)
        self.notice = Notice()
        self.models = ModelActions(self.window, upscalers, self.notice, self._models_changed)
        self.advice = AdviceBox(self._take)
        self.preview = PreviewPane(self.window, upscalers, self._show_answer, self._take, self._switch_face)
        self.target, self.settings, self._given, self._old_plan = None, {}, {}, None
        self.window.fill(["top"])
        area = self.window.get_content_area()
        area.set_spacing(12)
        self._arrange(area, top)
        self._pending = None
        self._forget_last_picture()
        self._build()
        area.show_all()
        # The page that became visible first is the current one.
        self.pages.set_current_page(0)
        config.connect("notify", self._changed)
        self._changed()

    def _arrange(self, area, top):
        """The choices on the left, the preview on the right, and below it the result, where also long languages fit."""
        parent = top.get_parent()
        parent.remove(top)
        self.pages = Gtk.Notebook()
        more = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        more.pack_start(self.networks, False, False, 0)
        more.pack_start(self.more, False, False, 0)
        more.pack_start(self._advice_switch(), False, False, 0)
        for page, label, help in (
            (more, _("Optio_ns"), _("A model or a method instead of the preset, and how the result is made")),
            (self.advanced, _("Ad_vanced"), _("Engines, devices and memory, which hardly anyone has to set")),
        ):
            # On a small screen it can be scrolled.
            scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, propagate_natural_height=True)
            scrolled.set_max_content_height(PAGE)
            scrolled.add(page)
            self.pages.append_page(scrolled, Gtk.Label(label=label, use_underline=True, tooltip_text=help))
        # A model or a method disables the preset, so whoever sees that must see why.
        replaced = any(self.config.get_property(key) for key in ("model", "method"))
        expander = Gtk.Expander(label=_("Mor_e options"), use_underline=True, expanded=replaced)
        # Not of the expander itself: everything inside would show it.
        expander.get_label_widget().set_tooltip_text(_("Models, methods and further options"))
        expander.add(self.pages)
        left = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12)
        left.set_size_request(LEFT, -1)
        for widget in (top, self.grid, self.advice, self.notice, expander):
            left.pack_start(widget, False, False, 0)
        right = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12)
        for widget in (self.preview, self.line):
            right.pack_start(widget, False, False, 0)
        columns = Gtk.Box(spacing=18)
        columns.pack_start(left, True, True, 0)
        columns.pack_start(right, False, False, 0)
        area.pack_start(columns, True, True, 0)

    def _advice_switch(self):
        switch = Gtk.CheckButton(label=advice_line.SHOW_LABEL, tooltip_text=advice_line.SHOW_HELP, margin=6)
        both = GObject.BindingFlags.BIDIRECTIONAL | GObject.BindingFlags.SYNC_CREATE
        self.config.bind_property("advice", switch, "active", both)
        return switch

    def run(self):
        return self.window.run()

    def destroy(self):
        if self._pending:
            GLib.source_remove(self._pending)
        self.preview.close()
        self.window.destroy()
        while Gtk.events_pending():
            Gtk.main_iteration()
        self.preview.wait()

    def _build(self):
        """Builds the widgets for the current arguments. They are built again when something else changes an argument, such
        as GIMP's buttons Reset and Load Saved Settings.
        """
        self._outdated = False
        self._read_options()
        self.network = {}
        clear(self.grid)
        clear(self.networks)
        self._add_network(self.grid, 0, self.options["preset"])
        self._build_size(1)
        masks = MaskCombo(arguments.mask_choice_of(self.config).id, lambda id: self._set("mask", id))
        self._add_row(self.grid, 2, mask_choice.LABEL, masks, mask_choice.HELP)
        self._add_network(self.networks, 0, self.options["model"])
        self.networks.attach(self.models.buttons, 1, 1, 1, 1)
        self._add_network(self.networks, 2, self.options["method"])
        self._build_options()
        for grid in (self.grid, self.networks):
            grid.show_all()

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

    def _add_network(self, grid, row, option):
        """A row for the preset, the model or the method."""
        value = self.config.get_property(option.key)
        combo = widget_for(option, value, lambda value: self._choose_network(option.key, value))
        combo.set_sensitive(option.applies)
        self.network[option.key] = combo
        self._add_row(grid, row, NETWORK_LABELS[option.key], combo, option.help)

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
        factor = suggested_factor(before, self.options["factor"].default)
        if factor is not None:
            self.size.choose_factor(factor)
        for other, combo in self.network.items():
            combo.set_sensitive(self.options[other].applies)
        self._build_options()

    def _forget_last_picture(self):
        """Some choices of the last time were for that picture, or need a selection or a mask that this image does not have."""
        for key in advice_line.OF_ONE_PICTURE:
            self._set_option(key, None)
        self._set("faces-left-out", "")
        choice = arguments.mask_choice_of(self.config)
        try:
            strength_masks(self.image, self.layers, choice)
        except enlarger.Error:
            self._set("mask", "")
            self.notice.tell(mask_choice.fallback_note(choice))

    def _take(self, changes):
        """Takes over a choice of the comparison, or what advice names: settings by key; None removes one."""
        for key, value in changes.items():
            if key in NETWORK_KEYS:
                self._set(key, value or "")
            elif key in SIZE_KEYS:
                self._set(key, value or 0)
            else:
                self._set_option(key, str(value))
        before = self.options["factor"].default
        self._build()
        factor = suggested_factor(before, self.options["factor"].default)
        if factor is not None:
            self.size.choose_factor(factor)
        self.network["preset"].grab_focus()
        self._changed()

    def _switch_face(self, layer, faces, face):
        """Leaves out a face of a layer, or takes it in again."""
        choice = arguments.face_choice_of(self.config)
        choice.switch(arguments.number_of(layer, self.layers), faces, face)
        self._set("faces-left-out", choice.text)
        # At once, so that the click is seen; what it does to the picture comes later.
        GLib.source_remove(self._pending)
        self._request()

    def _build_size(self, row):
        self.size = SizeRow(self.config, self.image, self._set)
        # GIMP's button Save Settings has the mnemonic S.
        self._add_row(self.grid, row, _("Si_ze"), self.size, _("The size of the result"), focus=self.size.combo)

    def _build_options(self):
        """The library's options, by their groups, below "More options"."""
        shown = sections(self.options)
        # An option that is not shown has its default.
        for key in self.options:
            if key in NETWORK_KEYS or key not in shown.keys:
                self._set_option(key, None)
        given = arguments.parse_options(self.config.get_property("options"))
        for grid, options in ((self.more, shown.main + shown.more), (self.advanced, shown.advanced)):
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
        """Asks for the new result a little later: while the user types a number, each key changes it."""
        # The widget of the target is GIMP's own.
        if argument is not None and argument.name != "target" and not self._setting:
            self._outdated = True
        if self._pending:
            GLib.source_remove(self._pending)
        self._pending = GLib.timeout_add(REST, self._request)

    def _request(self):
        """Asks for the plan and the preview of the result, or shows why there can be none."""
        self._pending = None
        if self._outdated:
            self._build()
        in_place = self.config.get_property("target") == "in-place"
        self.size.set_sensitive(not in_place)
        try:
            settings = arguments.settings_of(self.config)
            self._given = dict(settings)
            self.preview.advise = self.config.get_property("advice")
            enlarged_size = arguments.take_size(settings, self.upscalers)
            self.target = arguments.target_of(self.config, self.image, self.layers, enlarged_size)
            self.settings, self._old_plan = settings, self.preview.preview.planned
            self.preview.request(self.target, self.target.pictures(), settings, self.options)
        except enlarger.Error as problem:
            self.target = None
            self.preview.stop()
            self._refuse(problem)
        return False

    def _show_answer(self):
        """Shows what has come of what was asked for."""
        self._show_plan()
        self.advice.show_lines(advice_line.advice_lines(self.preview.preview.advice, self.options, self._given))

    def _show_plan(self):
        """Shows the size of the result and what it takes, or why it is not possible."""
        planned, problem = self.preview.preview.planned, self.preview.preview.problem
        if self.target is None or (planned is self._old_plan and problem is None):
            return
        if planned is not None:
            size, memory = self.target.size_of(planned.plans), self.target.memory(planned.plans)
            self.line.set_text("\n".join(summary(planned, self.options, self.settings, size, memory)))
            self.window.set_response_sensitive(Gtk.ResponseType.OK, True)
        elif problem is not None:
            self._refuse(problem)

    def _refuse(self, problem):
        self.line.set_text(as_sentence(problem))
        self.window.set_response_sensitive(Gtk.ResponseType.OK, False)
