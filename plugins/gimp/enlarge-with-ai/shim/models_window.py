"""The window "More models": the models of the catalogue and the user's own, to install and to remove.

Texts and order come from `enlarger.model_list`. It must never install a model with an unclear licence without asking.
"""

from gi.repository import Gtk, Pango

import enlarger
from enlarger.dialog import as_sentence
from enlarger.model_list import (
    ABOUT, COLUMNS, INSTALL_HELP, LIST_HELP, REMOVE_HELP, SEARCH_HELP, USE_HELP, WIDE, install_row, model_rows,
)  # fmt: skip
from enlarger.translation import _

from .notice import Notice
from .task_window import run_task

INSTALL, REMOVE, USE = 1, 2, 3


class ModelsWindow:
    """The window.

    Arguments:
        parent: the dialog.
        upscalers: its UpscalerCache, which is refreshed after each change.
    """

    def __init__(self, parent, upscalers):
        self._upscalers = upscalers
        self._rows, self._shown = model_rows(upscalers.registry), []
        self.window = Gtk.Dialog(title=_("More models"), transient_for=parent, modal=True, destroy_with_parent=True)
        self.window.set_default_size(860, 620)
        self.window.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
        self.remove = self.window.add_button(_("_Remove"), REMOVE)
        self.install = self.window.add_button(_("_Install"), INSTALL)
        self.use = self.window.add_button(_("_Use this model"), USE)
        for button, help in ((self.remove, REMOVE_HELP), (self.install, INSTALL_HELP), (self.use, USE_HELP)):
            button.set_tooltip_text(help)
        area = self.window.get_content_area()
        area.set_border_width(12)
        area.set_spacing(6)
        area.pack_start(self._build_search(), False, False, 0)
        area.pack_start(self._build_list(), True, True, 0)
        area.pack_start(self._build_details(), False, False, 0)
        self.notice = Notice()
        area.pack_start(self.notice, False, False, 0)
        self._fill()
        area.show_all()
        self.list.grab_focus()

    def run(self):
        """Returns the id of the model that the user wants to use, or None, when the user is done."""
        while True:
            answer = self.window.run()
            row = self._selected()
            if answer == INSTALL and row:
                self._install(row)
            elif answer == REMOVE and row:
                self._remove(row)
            else:
                return row.id if answer == USE and row else None

    def destroy(self):
        self.window.destroy()

    def _build_search(self):
        self.search = Gtk.SearchEntry(tooltip_text=SEARCH_HELP)
        self.search.connect("search-changed", lambda _: self._fill())
        box = Gtk.Box(spacing=12)
        label = Gtk.Label(label=_("_Search"), use_underline=True, mnemonic_widget=self.search)
        box.pack_start(label, False, False, 0)
        box.pack_start(self.search, True, True, 0)
        return box

    def _build_list(self):
        self._store = Gtk.ListStore(*[str] * len(COLUMNS))
        self.list = Gtk.TreeView(model=self._store, search_column=0, tooltip_text=LIST_HELP)
        self.list.get_accessible().set_name(_("Models"))
        for index, title in enumerate(COLUMNS):
            cell = Gtk.CellRendererText()
            column = Gtk.TreeViewColumn(title, cell, text=index)
            column.set_resizable(True)
            if index == WIDE:
                # Its texts may be cut: the details have them whole.
                cell.set_property("ellipsize", Pango.EllipsizeMode.END)
                column.set_expand(True)
                column.set_min_width(160)
            self.list.append_column(column)
        self.list.get_selection().connect("changed", lambda _: self._show_selected())
        self.list.connect("row-activated", lambda *_: self._activated())
        return scrolled(self.list)

    def _build_details(self):
        self.details = Gtk.TextView(
            editable=False, cursor_visible=False, accepts_tab=False, wrap_mode=Gtk.WrapMode.WORD_CHAR, tooltip_text=ABOUT,
            left_margin=6, right_margin=6, top_margin=6, bottom_margin=6,
        )  # fmt: skip
        self.details.get_accessible().set_name(ABOUT)
        box = scrolled(self.details)
        box.set_size_request(-1, 170)
        return box

    def _fill(self, selected=None):
        """Lists the models that match the search, and selects one again."""
        selected = selected or (self._selected() and self._selected().id)
        shown = [row for row in self._rows if row.matches(self.search.get_text())]
        # While the store is empty, no row may be looked up.
        self._shown = []
        self._store.clear()
        for row in shown:
            self._store.append(row.columns)
        self._shown = shown
        index = next((index for index, row in enumerate(shown) if row.id == selected), 0)
        if shown:
            self.list.set_cursor(Gtk.TreePath(index), None, False)
        self._show_selected()

    def _selected(self):
        store, place = self.list.get_selection().get_selected()
        index = store.get_path(place).get_indices()[0] if place else -1
        return self._shown[index] if 0 <= index < len(self._shown) else None

    def _show_selected(self):
        row = self._selected()
        self.details.get_buffer().set_text(row.text if row else "")
        self.install.set_sensitive(row is not None and not row.installed)
        self.remove.set_sensitive(row is not None and row.removable)
        self.use.set_sensitive(row is not None and row.installed)

    def _activated(self):
        row = self._selected()
        if row:
            self.window.response(USE if row.installed else INSTALL)

    def _install(self, row):
        if row.consent and not self._agreed(row.consent, _("_Install")):
            return
        self._change(
            row,
            _("Install {name}").format(name=row.name),
            lambda **report: install_row(self._upscalers.registry, row, **report),
        )

    def _remove(self, row):
        if row.farewell and not self._agreed(row.farewell, _("_Remove")):
            return
        self._change(row, _("Remove {name}").format(name=row.name), lambda **_: self._upscalers.registry.remove(row.id))

    def _change(self, row, what, work):
        """Does something with a model; lists the models as they are then."""
        self.notice.tell("")
        try:
            run_task(self.window, what, what, work)
        except enlarger.Cancelled:
            pass
        except enlarger.Error as problem:
            self.notice.tell(as_sentence(problem))
        self._upscalers.refresh()
        self._rows = model_rows(self._upscalers.registry)
        self._fill(row.id)
        self.list.grab_focus()

    def _agreed(self, question, action):
        dialog = Gtk.MessageDialog(
            transient_for=self.window, modal=True, message_type=Gtk.MessageType.QUESTION, text=question
        )
        dialog.add_buttons(_("_Cancel"), Gtk.ResponseType.CANCEL, action, Gtk.ResponseType.OK)
        dialog.set_default_response(Gtk.ResponseType.CANCEL)
        try:
            return dialog.run() == Gtk.ResponseType.OK
        finally:
            dialog.destroy()


def scrolled(widget):
    box = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
    box.add(widget)
    return box
