"""The button that says how many faces the picture has. Its list takes each of them in or leaves it out, also by keys.

It is there only while the settings treat faces in a way of their own.
"""

from gi.repository import GLib, Gtk

from enlarger import face_words


class FaceButton(Gtk.MenuButton):
    """The button.

    Arguments:
        switch: called with a Face that the user leaves out or takes in again.
    """

    def __init__(self, switch):
        super().__init__(no_show_all=True, tooltip_text=face_words.help())
        self._switch, self._shown = switch, None
        self._text = Gtk.Label(wrap=True, justify=Gtk.Justification.CENTER, max_width_chars=20, visible=True)
        self.add(self._text)

    def show_faces(self, faces, left_out):
        """Shows all faces of the picture, and which are left out. None for `faces`: nothing treats faces."""
        shown = None if faces is None else (tuple(faces), tuple(left_out))
        if shown == self._shown:
            return
        self._shown = shown
        self.set_visible(faces is not None)
        if faces is None:
            return
        self._text.set_text(face_words.summary(len(faces), len(left_out)))
        menu = Gtk.Menu()
        for number, face in enumerate(faces, 1):
            item = Gtk.CheckMenuItem(label=face_words.item(number, face), active=face not in left_out)
            # Later, because a switch makes the list anew.
            item.connect("toggled", lambda _, face=face: GLib.idle_add(self._later, face))
            menu.append(item)
        menu.show_all()
        # GTK enables a button that gets a list.
        self.set_popup(menu)
        self.set_sensitive(bool(faces))

    def _later(self, face):
        self._switch(face)
        return False
