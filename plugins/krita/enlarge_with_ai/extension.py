"""The actions in Krita's menus, and the one run at a time.

It must never load the library before the user chooses an action. When Krita ends, it stops the run and waits for it.
"""

from krita import Extension, Krita

from . import take_back
from .enlarger.translation import _
from .messages import safe_slot, show_message
from .qt import QtCore
from .undo_history import history_list

LABEL = _("Enlarge with AI…")
# Identifier (as in the .action file, for shortcuts), tooltip, menu, and whether it enlarges the selected layers only. Krita
# translates texts of .action files by its own catalogs only, so labels and tooltips are set here.
ACTIONS = [
    ("enlarge_with_ai_image", _("Enlarge the whole document with AI"), "image", False),
    ("enlarge_with_ai_layer", _("Enlarge the selected layers with AI"), "layer", True),
    ("enlarge_with_ai_script", _("Enlarge the whole document with AI"), "tools/scripts", False),
]

# Seconds that a large model may take to open, which cannot be cancelled.
LONGEST = 30

# QDialog.Accepted, which the signal `finished` gives as a number in PyQt5 and in PyQt6.
ACCEPTED = 1


class EnlargeWithAi(Extension):
    def __init__(self, parent):
        super().__init__(parent)
        self._upscalers = None
        self._dialog = None
        self._run = None
        # The previews of dialogs that are closed, and may need a moment to end.
        self._ending = []
        # What can be taken back, the latest last; the actions that do it, one for each window; the watched histories.
        self._take_backs, self._take_back_actions, self._watched = [], [], []

    @safe_slot
    def setup(self):
        """Called by Krita, once."""
        QtCore.QCoreApplication.instance().aboutToQuit.connect(self.close)

    @safe_slot
    def createActions(self, window):
        """Called by Krita for each of its windows."""
        for identifier, help, menu, layers_only in ACTIONS:
            action = window.createAction(identifier, LABEL, menu)
            action.setToolTip(help)
            action.triggered.connect(safe_slot(lambda *_, layers_only=layers_only: self.show_dialog(layers_only)))
        action = window.createAction(take_back.ACTION, take_back.LABEL, "image")
        action.setToolTip(take_back.HELP)
        action.triggered.connect(safe_slot(lambda *_: self.take_back()))
        # Krita enables all actions of plug-ins now and then.
        action.changed.connect(safe_slot(self._offer))
        self._take_back_actions.append(action)
        self._offer()

    def show_dialog(self, layers_only):
        """Shows the dialog for the active document."""
        window = Krita.instance().activeWindow()
        document = Krita.instance().activeDocument()
        parent = window.qwindow() if window else None
        if document is None:
            show_message(_("There is no document; open one first."), parent)
            return
        if self._run is not None:
            show_message(_("Another enlargement is in progress; wait for it, or cancel it."), parent)
            return
        if self._dialog is not None:
            self._dialog.raise_()
            return
        try:
            from .dialog import Dialog
            from .refused_layers import eligible_layers
            from .enlarger import Error
            from .enlarger.dialog import as_sentence
            from .enlarger.upscaler_cache import UpscalerCache
        except (ImportError, OSError, SyntaxError) as problem:
            text = _("The installation of Enlarge with AI is incomplete ({problem}); install it again.")
            show_message(text.format(problem=problem), parent)
            return
        if self._upscalers is None:
            self._upscalers = UpscalerCache()
        try:
            # Models may have been installed since the last time.
            self._upscalers.refresh()
            layers = eligible_layers(document, window.activeView() if layers_only else None)
            self._dialog = Dialog(document, layers, layers_only, self._upscalers, parent)
        except Error as problem:
            show_message(as_sentence(problem), parent)
            return
        self._dialog.finished.connect(safe_slot(self._dialog_finished))
        self._dialog.open()

    def _dialog_finished(self, answer):
        dialog, self._dialog = self._dialog, None
        if dialog is None:
            # It was closed already, because its document was.
            return
        self._stop(dialog)
        dialog.deleteLater()
        if answer == ACCEPTED:
            self.start(dialog.settings, dialog.document, dialog.layers, dialog.layers_only, dialog.parent())

    def _stop(self, dialog):
        dialog.stop()
        self._ending = [preview for preview in (*self._ending, dialog.preview.preview) if not preview.wait(0)]

    def start(self, settings, document, layers, layers_only, parent=None):
        """Starts a run and returns it; None if it could not be started, which the user has been told."""
        from .enlarger import Error
        from .enlarger.dialog import as_sentence
        from .run import Run
        from .targets import target_for

        try:
            document.waitForDone()
            target = target_for(settings, document, layers, layers_only)
            self._run = Run(target, settings.options, self._upscalers, parent)
            self._run.ended.connect(safe_slot(self._run_ended))
            self._run.start()
        except Error as problem:
            self._run = None
            show_message(as_sentence(problem), parent)
        return self._run

    def _run_ended(self):
        run, self._run = self._run, None
        if run.take_back is not None:
            self._take_backs.append(run.take_back)
            run.take_back.ended.connect(safe_slot(self._offer))
            self._watch_histories()
        self._offer()

    def take_back(self):
        """Takes back the last enlargement of the active document, if nothing was done after it."""
        offered = self._offered()
        if offered is not None:
            offered.start()
            self._offer()

    def _offered(self):
        """The TakeBack that is possible now; None if there is none."""
        self._take_backs = [one for one in self._take_backs if one.is_possible()]
        return next((one for one in reversed(self._take_backs) if one.offered()), None)

    def _offer(self):
        """Enables the actions while an enlargement can be taken back."""
        possible = self._run is None and self._dialog is None and self._offered() is not None
        for action in list(self._take_back_actions):
            try:
                if action.isEnabled() != possible:
                    action.setEnabled(possible)
            except RuntimeError:
                # Its window was closed.
                self._take_back_actions.remove(action)

    def _watch_histories(self):
        """Has the actions follow the undo histories of all windows."""
        for window in Krita.instance().windows():
            view = history_list(window)
            if view is not None and view not in self._watched:
                self._watched.append(view)
                # Later, because the list has no current line while it is made anew.
                later = safe_slot(lambda *_: QtCore.QTimer.singleShot(0, safe_slot(self._offer)))
                view.model().modelReset.connect(later)
                view.selectionModel().currentChanged.connect(later)

    @safe_slot
    def close(self):
        """Stops the run, a preview, or a task on the user's models, and waits for it."""
        if self._dialog is not None:
            self._stop(self._dialog)
        for preview in self._ending:
            preview.wait(LONGEST)
        if self._run is not None:
            self._run.close()
            self._run = None
        for one in self._take_backs:
            one.close()
        if self._upscalers is not None:
            self._upscalers.close()
