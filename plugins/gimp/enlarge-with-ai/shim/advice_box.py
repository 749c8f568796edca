"""The advice on the picture: a few lines, each with a button that does what it advises, if an option does.

It takes no room while there is nothing to say. Its texts must always be the library's.
"""

from gi.repository import Gtk, Pango

# The rows of text of a line at most; its tooltip has all of it.
ROWS = 2


class AdviceBox(Gtk.Box):
    """The lines.

    Arguments:
        take: called with the changes of an AdviceLine when its button is pressed.
    """

    def __init__(self, take):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6, no_show_all=True)
        self._take = take
        self.lines = []

    def show_lines(self, lines):
        """Shows AdviceLines instead of those before."""
        if lines == self.lines:
            return
        self.lines = lines
        for child in self.get_children():
            self.remove(child)
        for line in lines:
            self.pack_start(self._row(line), False, False, 0)
        self.set_visible(bool(lines))

    def _row(self, line):
        row = Gtk.Box(spacing=6, tooltip_text=line.help)
        row.pack_start(Gtk.Image.new_from_icon_name("dialog-information", Gtk.IconSize.BUTTON), False, False, 0)
        text = Gtk.Label(label=line.text, xalign=0, wrap=True, lines=ROWS, width_chars=30, max_width_chars=30)
        text.set_ellipsize(Pango.EllipsizeMode.END)
        row.pack_start(text, True, True, 0)
        if line.button:
            button = Gtk.Button(label=line.button, valign=Gtk.Align.CENTER, tooltip_text=line.help)
            button.connect("clicked", lambda _: self._take(line.changes))
            row.pack_start(button, False, False, 0)
        row.show_all()
        return row
