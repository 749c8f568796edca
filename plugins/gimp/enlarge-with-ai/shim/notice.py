"""A notice in a window: what failed, or what the user should know. It stays until the user closes it or does something else.

Its text must always be a complete sentence from the library or from a module of `enlarger`.
"""

from gi.repository import Gtk, Pango


class Notice(Gtk.InfoBar):
    def __init__(self):
        super().__init__(message_type=Gtk.MessageType.WARNING, show_close_button=True, no_show_all=True)
        # Selectable, so that the keyboard reaches the text and it can be copied.
        self._label = Gtk.Label(
            xalign=0, wrap=True, wrap_mode=Pango.WrapMode.WORD_CHAR, max_width_chars=60, selectable=True, visible=True
        )
        self.get_content_area().add(self._label)
        self.connect("response", lambda *_: self.hide())

    @property
    def text(self):
        return self._label.get_text() if self.get_visible() else ""

    def tell(self, text):
        """Shows a text; an empty one hides the notice."""
        self._label.set_text(text)
        self.set_visible(bool(text))
