"""The window that shows the progress of a task on the user's models and can cancel it.

It must never return before the task has ended: the dialog would list models that are about to change.
"""


from gi.repository import GLib, Gtk, Pango

from enlarger.model_task import ModelTask
from enlarger.translation import _

# Milliseconds between two looks at the task.
INTERVAL = 50
ENDED = 1


def run_task(parent, title, text, work):
    """Runs a ModelTask for `work`, with a window. Returns its result, or raises its exception."""
    task = ModelTask(work, text)
    window = TaskWindow(parent, title, task)
    task.start()
    try:
        window.wait()
    finally:
        window.destroy()
    return task.result()


class TaskWindow:
    def __init__(self, parent, title, task):
        self.task = task
        self.window = Gtk.Dialog(title=title, transient_for=parent, modal=True, destroy_with_parent=True)
        self.window.set_default_size(460, -1)
        self.cancel = self.window.add_button(_("_Cancel"), Gtk.ResponseType.CANCEL)
        self.text = Gtk.Label(xalign=0, wrap=True, wrap_mode=Pango.WrapMode.WORD_CHAR, max_width_chars=60)
        self.bar = Gtk.ProgressBar()
        self.bar.get_accessible().set_name(title)
        area = self.window.get_content_area()
        area.set_border_width(12)
        area.set_spacing(12)
        area.pack_start(self.text, False, False, 0)
        area.pack_start(self.bar, False, False, 0)
        self._show()
        area.show_all()

    def wait(self):
        """Returns when the task has ended."""
        timer = GLib.timeout_add(INTERVAL, self._turn)
        while not self.task.done:
            # The button, Escape and the close button cancel. The window stays until the task has ended.
            if self.window.run() != ENDED:
                self.cancel.set_sensitive(False)
                self.task.cancel()
        GLib.source_remove(timer)

    def destroy(self):
        self.window.destroy()

    def _turn(self):
        if self.task.done:
            self.window.response(ENDED)
        else:
            self._show()
        return True

    def _show(self):
        fraction, text = self.task.progress
        if text != self.text.get_text():
            self.text.set_text(text)
        if fraction is None:
            self.bar.pulse()
        else:
            self.bar.set_fraction(fraction)
