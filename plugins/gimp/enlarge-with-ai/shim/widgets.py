"""A widget for each type of option. A widget must give None for the option's default where it has one of its own."""

from gi.repository import Gtk

from enlarger.translation import _

# The largest whole number up to which a spin button is exact.
LAST = 2**53


def widget_for(option, value, changed):
    """A widget that shows a value (a text, or None for the default) and calls changed(text or None) with each new one."""
    if option.automatic:
        return automatic(option, value, changed)
    return {"choice": choice, "boolean": switch}.get(option.type, number)(option, value, changed)


def choice(option, value, changed):
    combo = Gtk.ComboBoxText()
    for key, label in option.choices:
        combo.append(key, label)
    # A saved value may not exist any more.
    combo.set_active_id(value or option.default) or combo.set_active_id(option.default)
    combo.connect("changed", lambda combo: changed(combo.get_active_id()))
    return combo


def switch(option, value, changed):
    check = Gtk.CheckButton(active=value == "on" if value else option.default)
    check.connect("toggled", lambda check: changed("on" if check.get_active() else "off"))
    return check


def number(option, value, changed):
    whole = option.type == "integer"
    top = min(option.maximum, LAST)
    step = 1 if whole else max((top - option.minimum) / 100, 0.01)
    spin = Gtk.SpinButton.new_with_range(option.minimum, top, step)
    leave_drops_to_dialog(spin)
    spin.set_digits(0 if whole else 2)
    spin.set_value(float(value) if value else option.default)
    spin.connect("value-changed", lambda spin: changed(str(int(spin.get_value())) if whole else str(spin.get_value())))
    return spin


def automatic(option, value, changed):
    """A whole number, or "Automatic", with which the library decides."""
    number = float(value) if value else option.default
    check = Gtk.CheckButton(label=_("Automatic"), active=number == option.default)
    spin = Gtk.SpinButton.new_with_range(option.minimum + 1, min(option.maximum, LAST), 1)
    leave_drops_to_dialog(spin)
    spin.set_value(number)
    spin.set_sensitive(number != option.default)

    def value_changed(_):
        spin.set_sensitive(not check.get_active())
        changed(None if check.get_active() else str(int(spin.get_value())))

    check.connect("toggled", value_changed)
    spin.connect("value-changed", value_changed)
    box = Gtk.Box(spacing=6)
    box.pack_start(check, False, False, 0)
    box.pack_start(spin, True, True, 0)
    return box


def leave_drops_to_dialog(spin):
    """A number takes dropped texts; a file that is dropped there is meant for the dialog."""
    spin.drag_dest_unset()
