"""The menus and the dialog, up to the result."""

from cases import HEIGHT, WIDTH
from enlarge_with_ai.comparison import Comparison
from enlarge_with_ai.frame_picture import FramePicture
from enlarge_with_ai.qt import QtWidgets
from kit import check

from .window import KRITA, extension, find, painting, messages, screenshot, shown


def menus():
    """The actions are in their menus, and can have shortcuts."""
    window = KRITA.activeWindow().qwindow()

    def entries(menu):
        for action in menu.actions():
            yield action
            if action.menu():
                yield from entries(action.menu())

    for title, identifier in [
        ("Image", "enlarge_with_ai_image"),
        ("Layer", "enlarge_with_ai_layer"),
        ("Tools", "enlarge_with_ai_script"),
    ]:
        menu = next(a.menu() for a in window.menuBar().actions() if a.text().replace("&", "") == title)
        menu.aboutToShow.emit()
        names = {action.objectName() for action in entries(menu)}
        check(identifier in names, f"{identifier} is not in the menu {title}")
        check(KRITA.action(identifier).text().replace("&", "").startswith("Enlarge with AI"), "the label is another one")
    # The script `inside` has set it as Krita's dialog for shortcuts does.
    shortcut = KRITA.action("enlarge_with_ai_image").shortcut().toString()
    check(shortcut == "Ctrl+Alt+F9", f"the shortcut is '{shortcut}'")
    yield 10


def takes_input(widget):
    """Whether a widget is one of the dialog's own that a user operates."""
    kinds = QtWidgets.QComboBox, QtWidgets.QAbstractSpinBox, QtWidgets.QAbstractButton, FramePicture, Comparison
    standard = isinstance(widget.parent(), (QtWidgets.QDialogButtonBox, QtWidgets.QTabBar, QtWidgets.QAbstractScrollArea))
    return isinstance(widget, kinds) and not standard


def dialog():
    """From the menu through the dialog to the result, as a user does it."""
    document, _ = painting()
    shown(document)
    yield 300
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    box = extension()._dialog
    yield lambda: "122 × 94 pixels" in box.line.text()
    check(box.target.count() == 4 and box.size.count() == 10, "targets or sizes are missing")
    box.size.setCurrentIndex(box.size.findText("Width in centimetres"))
    yield 400
    check(abs(box.number.value() - 122 / 300 * 2.54) < 0.01, f"{box.number.value()} cm")
    box.size.setCurrentIndex(box.size.findText("Width in pixels"))
    box.number.setValue(1 << 20)
    # A result that is too large cannot be started.
    yield lambda: not box.ok.isEnabled()
    box.size.setCurrentIndex(box.size.findText("2 ×"))
    yield lambda: box.ok.isEnabled()
    without_help = [w for w in box.findChildren(QtWidgets.QWidget) if takes_input(w) and not w.toolTip()]
    check(not without_help, f"no tooltip: {[(type(w).__name__, w.objectName()) for w in without_help]}")
    check(box.width() <= 1280 and box.height() <= 680, f"the dialog has {box.width()} x {box.height()} pixels")
    for page, name in ((box.more, "more"), (box.advanced, "advanced")):
        box.pages.setCurrentIndex(box.pages.currentIndex() + 1)
        check(page.isVisible(), f"the page {name} is not shown")
        yield 200
        screenshot(f"dialog {name}")
    engines = next(c for c in box.advanced.findChildren(QtWidgets.QComboBox) if c.findData("rten") >= 0)
    engines.setCurrentIndex(engines.findData("rten"))
    yield lambda: box.ok.isEnabled() and "rten" in box.line.text()
    box.ok.click()
    yield lambda: extension()._run is not None
    yield lambda: extension()._run is None
    check((document.width(), document.height()) == (122, 94), f"{document.width()} x {document.height()}")
    text = messages()
    check("3 layers were left to Krita." in text and "'filter' was left to Krita: " in text and "Undo takes" in text, text)
    check(text.index("3 layers") < text.index("'filter'"), f"the details come first: {text}")
    screenshot("enlarged")
    document.setActiveNode(find(document, "beyond"))
    yield 200
    KRITA.action("enlarge_with_ai_layer").trigger()
    yield lambda: extension()._dialog is not None
    box = extension()._dialog
    check(box.settings.options == {"engine": "rten"} and box.settings.value == 2.0, f"{box.settings} was saved")
    check([node.name() for node in box.layers.enlarged] == ["beyond"], "it is not the selected layer")
    box.reject()
    yield lambda: extension()._dialog is None


def new_option():
    """An option that the library adds is shown, by its group, without a change of the dialog."""
    from enlarge_with_ai.enlarger import Option
    from enlarge_with_ai.enlarger.upscaler_cache import UpscalerCache

    def added(self, settings):
        options = described(self, settings)
        for group in ("main", "more", "advanced", "host"):
            label = f"New in {group}"
            options[f"new_{group}"] = Option(f"new_{group}", "integer", label, "Something new.", "", 3, 0, 9, group=group)
        return options

    document, _ = painting()
    shown(document)
    yield 300
    described, UpscalerCache.options = UpscalerCache.options, added
    try:
        KRITA.action("enlarge_with_ai_image").trigger()
        yield lambda: extension()._dialog is not None
        box = extension()._dialog
        labels = {label.text(): label for label in box.findChildren(QtWidgets.QLabel)}
        check("New in advanced" in labels and box.advanced.isAncestorOf(labels["New in advanced"]), f"{list(labels)}")
        for label in ("New in main", "New in more"):
            check(label in labels and box.more.isAncestorOf(labels[label]), f"{label} is not in {list(labels)}")
        check("New in host" not in labels, "an option of the host is shown")
        box.reject()
        yield lambda: extension()._dialog is None
    finally:
        UpscalerCache.options = described


def long_scaling():
    """If Krita would not respond for long, a new document is suggested; the suggestion is not saved."""
    from enlarge_with_ai import dialog
    from enlarge_with_ai.settings import saved_settings

    document, _ = painting()
    shown(document)
    yield 300
    saved, long, dialog.LONG = saved_settings().target, dialog.LONG, -1
    try:
        KRITA.action("enlarge_with_ai_image").trigger()
        yield lambda: extension()._dialog is not None
        box = extension()._dialog
        yield lambda: box.ok.isEnabled() and "is suggested" in box.line.text()
        check(box.settings.target == "new-image", box.settings.target)
        box.ok.click()
        yield lambda: extension()._run is not None
        yield lambda: extension()._run is None
        check((document.width(), document.height()) == (WIDTH, HEIGHT), "the document itself was enlarged")
        check(saved_settings().target == saved, f"{saved_settings().target} is saved")
    finally:
        dialog.LONG = long
