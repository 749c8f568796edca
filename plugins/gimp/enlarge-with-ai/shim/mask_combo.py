"""The chooser for where the network is used. Every choice is listed, so that the user learns what there is."""

from gi.repository import Gtk

from enlarger.mask_choice import CHOICES


class MaskCombo(Gtk.ComboBoxText):
    """The chooser.

    Arguments:
        chosen: the id of the choice that it shows.
        changed: called with the id of each new one.
    """

    def __init__(self, chosen, changed):
        super().__init__()
        for choice in CHOICES:
            self.append(choice.id, choice.label)
        self.set_active_id(chosen)
        self.connect("changed", lambda combo: changed(combo.get_active_id()))
