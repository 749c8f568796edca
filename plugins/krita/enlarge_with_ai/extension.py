"""The actions, and what is going on in this Krita: at most one run at a time.

Nothing of the library is loaded before an action is chosen. What runs is stopped and waited for before Krita goes.
"""

from krita import Extension, Krita

from .guard import guarded, sentence, tell
from .qt import QtCore

# Identifier (as in the .action file, for the shortcuts), label, menu, whether it is for the chosen layers only.
ACTIONS = [
    ("enlarge_with_ai_image", "Enlarge with AI…", "image", False),
    ("enlarge_with_ai_layer", "Enlarge with AI…", "layer", True),
    ("enlarge_with_ai_script", "Enlarge with AI…", "tools/scripts", False),
]

# As the signal says it: a number in PyQt5 and in PyQt6.
ACCEPTED = 1


class EnlargeWithAi(Extension):
    def __init__(self, parent):
        super().__init__(parent)
        self._upscalers = None
        self._dialog = None
        self._run = None

    @guarded
    def setup(self):
        """Called by Krita, once."""
        QtCore.QCoreApplication.instance().aboutToQuit.connect(self.close)

    @guarded
    def createActions(self, window):
        """Called by Krita for each of its windows."""
        for identifier, label, menu, layers_only in ACTIONS:
            action = window.createAction(identifier, label, menu)
            action.triggered.connect(guarded(lambda *_, layers_only=layers_only: self.ask(layers_only)))

    def ask(self, layers_only):
        """Shows the dialog for the document that is in front."""
        window = Krita.instance().activeWindow()
        document = Krita.instance().activeDocument()
        parent = window.qwindow() if window else None
        if document is None:
            tell("There is no document; open one first.", parent)
            return
        if self._run is not None:
            tell("Something is being enlarged already; wait for it, or cancel it.", parent)
            return
        if self._dialog is not None:
            self._dialog.raise_()
            return
        try:
            from .dialog import Dialog
            from .enlarger import Error
            from .enlarger.upscalers import Upscalers
            from .layers import chosen_layers
        except (ImportError, OSError, SyntaxError) as problem:
            tell(f"Enlarge with AI is not installed completely ({problem}); install it again.", parent)
            return
        if self._upscalers is None:
            self._upscalers = Upscalers()
        try:
            layers = chosen_layers(document, window.activeView() if layers_only else None)
            self._dialog = Dialog(document, layers, layers_only, self._upscalers, parent)
        except Error as problem:
            tell(sentence(problem), parent)
            return
        self._dialog.finished.connect(guarded(self._answered))
        self._dialog.open()

    def _answered(self, answer):
        dialog, self._dialog = self._dialog, None
        dialog.deleteLater()
        if answer == ACCEPTED:
            self.start(dialog.wanted, dialog.document, dialog.layers, dialog.layers_only, dialog.parent())

    def start(self, wanted, document, layers, layers_only, parent=None):
        """Starts a run; returns it."""
        from .enlarger import Error
        from .run import Run
        from .targets import target_of

        try:
            document.waitForDone()
            target = target_of(wanted, document, layers, layers_only, self._upscalers)
            self._run = Run(target, wanted.options, self._upscalers, parent)
            self._run.ended.connect(guarded(self._ended))
            self._run.start()
        except Error as problem:
            self._run = None
            tell(sentence(problem), parent)
        return self._run

    def _ended(self):
        self._run = None

    @guarded
    def close(self):
        """Stops what runs, and waits for it."""
        if self._run is not None:
            self._run.close()
            self._run = None
        if self._upscalers is not None:
            self._upscalers.close()
