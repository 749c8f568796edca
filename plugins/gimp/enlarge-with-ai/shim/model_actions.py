"""What the dialog's buttons "Add a model" and "More models" do, and a file that is dropped on the dialog.

Importing, installing and removing is done by the library. The arguments of the procedure must never be changed here.
"""

from gi.repository import Gdk, Gio, GLib, Gtk

import enlarger
from enlarger.dialog import as_sentence
from enlarger.model_list import ADD_HELP, ADD_TITLE, ALL_FILES, ENDINGS, FILES, MORE_HELP, ONE_FILE
from enlarger.translation import _

from .models_window import ModelsWindow
from .task_window import run_task


class ModelActions:
    """The buttons, and what they do.

    Arguments:
        window: the dialog.
        upscalers: its UpscalerCache.
        notice: the Notice for refusals.
        changed: called with the id of the model to choose, or None, after models were added or removed.

    Attributes:
        buttons: the widget with the buttons.
    """

    def __init__(self, window, upscalers, notice, changed):
        self._window, self._upscalers, self._notice, self._changed = window, upscalers, notice, changed
        self._busy = False
        self.buttons = Gtk.Box(spacing=6)
        for label, help, action in [
            (_("_Add a model…"), ADD_HELP, self.add),
            (_("More mo_dels…"), MORE_HELP, self.more),
        ]:
            button = Gtk.Button(label=label, use_underline=True, tooltip_text=help)
            button.connect("clicked", lambda _, action=action: self._do(action))
            self.buttons.pack_start(button, True, True, 0)
        window.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
        window.drag_dest_add_uri_targets()
        window.connect("drag-data-received", self._dropped)

    def _do(self, action, *arguments):
        """Does one thing at a time: the windows that it opens have loops of their own."""
        if not self._busy:
            self._busy = True
            try:
                self._notice.tell("")
                action(*arguments)
            finally:
                self._busy = False

    def add(self):
        """Lets the user choose a file, and imports it."""
        path = chosen_file(self._window)
        if path:
            self.import_file(path)

    def import_file(self, path):
        """Imports a file; the model is then chosen. A refusal is shown, and nothing changes."""
        name = GLib.filename_display_basename(path)
        try:
            chosen = run_task(
                self._window,
                ADD_TITLE,
                _("Importing {name}").format(name=name),
                lambda **report: self._upscalers.registry.import_model(path, **report),
            )
        except enlarger.Cancelled:
            return
        except enlarger.Error as problem:
            self._notice.tell(as_sentence(problem))
            return
        self._changed(chosen)

    def more(self):
        """Shows the window with the models that can be installed."""
        try:
            window = ModelsWindow(self._window, self._upscalers)
        except enlarger.Error as problem:
            self._notice.tell(as_sentence(problem))
            return
        try:
            chosen = window.run()
        finally:
            window.destroy()
        self._changed(chosen)

    def _dropped(self, _widget, _context, _x, _y, data, _info, _time):
        files = [Gio.File.new_for_uri(uri) for uri in data.get_uris()]
        if len(files) != 1 or files[0].get_path() is None:
            self._notice.tell(ONE_FILE)
            return
        # Later, because the source of the drop waits for the end of this signal.
        GLib.idle_add(self._do, self.import_file, files[0].get_path())


def chosen_file(parent):
    """The path of the file that the user chooses; None if there is none."""
    chooser = Gtk.FileChooserDialog(title=ADD_TITLE, transient_for=parent, action=Gtk.FileChooserAction.OPEN)
    chooser.add_buttons(_("_Cancel"), Gtk.ResponseType.CANCEL, _("_Add"), Gtk.ResponseType.ACCEPT)
    chooser.set_default_response(Gtk.ResponseType.ACCEPT)
    models = Gtk.FileFilter()
    models.set_name(FILES)
    for ending in ENDINGS:
        # GTK's patterns tell capital letters apart.
        models.add_pattern("*." + "".join(f"[{letter}{letter.upper()}]" for letter in ending))
    everything = Gtk.FileFilter()
    everything.set_name(ALL_FILES)
    everything.add_pattern("*")
    chooser.add_filter(models)
    chooser.add_filter(everything)
    downloads = GLib.get_user_special_dir(GLib.UserDirectory.DIRECTORY_DOWNLOAD)
    if downloads:
        chooser.set_current_folder(downloads)
    try:
        return chooser.get_filename() if chooser.run() == Gtk.ResponseType.ACCEPT else None
    finally:
        chooser.destroy()
