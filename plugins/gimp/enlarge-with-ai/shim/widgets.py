"""A widget for each type of option. None means the default, and is what a widget gives for it."""

from gi.repository import Gtk


def widget_for(option, value, changed):
    """A widget that shows a value (a text, or None) and says each new one to changed(text or None)."""
    return {"choice": choice, "boolean": switch}.get(option.type, number)(option, value, changed)


def choice(option, value, changed):
    combo = Gtk.ComboBoxText()
    for key, label in option.choices:
        combo.append(key, label)
    # What is remembered may not be here any more.
    combo.set_active_id(value or option.default) or combo.set_active_id(option.default)
    combo.connect("changed", lambda combo: changed(combo.get_active_id()))
    return combo


def switch(option, value, changed):
    check = Gtk.CheckButton(active=value == "on" if value else option.default)
    check.connect("toggled", lambda check: changed("on" if check.get_active() else "off"))
    return check


def number(option, value, changed):
    whole = option.type == "integer"
    # A range without an end is no range for a slider, and 2^53 is where a spin button's numbers end.
    top = min(option.maximum, 2**53)
    step = 1 if whole else max((top - option.minimum) / 100, 0.01)
    spin = Gtk.SpinButton.new_with_range(option.minimum, top, step)
    spin.set_digits(0 if whole else 2)
    if whole and option.minimum == option.default <= 0:
        # By the library's rule for whole numbers: it takes what is best.
        spin.connect("output", automatic)
    spin.set_value(float(value) if value else option.default)
    spin.connect("value-changed", lambda spin: changed(str(int(spin.get_value())) if whole else str(spin.get_value())))
    return spin


def automatic(spin):
    """Shows a word where a number says nothing."""
    least, _ = spin.get_range()
    if spin.get_value() != least:
        return False
    spin.set_text("Automatic")
    return True
