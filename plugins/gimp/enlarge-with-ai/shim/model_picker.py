"""The button of the sheet of presets that chooses models to compare with them."""

from gi.repository import Gtk

from enlarger.comparison import PICK_HELP, PICK_LABEL

# In units of the desktop; longer lists are scrolled.
HEIGHT = 240


class ModelPicker(Gtk.MenuButton):
    """The button, with a list of all models.

    Arguments:
        models: the models, each with its label.
        chosen: the ids of those that are compared.
        changed: called with the ids of the chosen models, in the order of the list, when one was chosen or left out.
    """

    def __init__(self, models, chosen, changed):
        super().__init__(label=PICK_LABEL, tooltip_text=PICK_HELP, halign=Gtk.Align.START)
        self._changed = changed
        self.checks = {}
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, margin=6)
        for id, label in models:
            check = Gtk.CheckButton(label=label, active=id in chosen)
            check.connect("toggled", lambda _: self._changed([id for id, check in self.checks.items() if check.get_active()]))
            self.checks[id] = check
            box.pack_start(check, False, False, 0)
        scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, propagate_natural_height=True)
        scrolled.set_max_content_height(HEIGHT)
        scrolled.add(box)
        popover = Gtk.Popover(relative_to=self)
        popover.add(scrolled)
        scrolled.show_all()
        self.set_popover(popover)
