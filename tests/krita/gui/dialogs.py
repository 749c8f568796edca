"""From the menu through the dialog to the result."""

from cases import HEIGHT, WIDTH
from enlarge_with_ai.qt import QtWidgets
from kit import check

from .window import KRITA, extension, find, painting, said, screenshot, shown


def menus():
    """The actions are where they should be, and can have shortcuts."""
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
        check(KRITA.action(identifier).text().replace("&", "").startswith("Enlarge with AI"), "another label")
    # As `inside` set it, where Krita's own dialog for shortcuts would have.
    shortcut = KRITA.action("enlarge_with_ai_image").shortcut().toString()
    check(shortcut == "Ctrl+Alt+F9", f"the shortcut is '{shortcut}'")
    yield 10


def dialog():
    """From the menu through the dialog to the result, as a user would."""
    document, _ = painting()
    shown(document)
    yield 300
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    yield 600
    box = extension()._dialog
    check("122 × 94 pixels" in box.line.text(), box.line.text())
    check(box.target.count() == 4 and box.size.count() == 10, "targets or sizes are missing")
    box.size.setCurrentIndex(box.size.findText("Width in centimetres"))
    yield 400
    check(abs(box.number.value() - 122 / 300 * 2.54) < 0.01, f"{box.number.value()} cm")
    box.size.setCurrentIndex(box.size.findText("Width in pixels"))
    box.number.setValue(1 << 20)
    yield 400
    check(not box.ok.isEnabled(), "a result beyond all sizes can be asked for: " + box.line.text())
    box.size.setCurrentIndex(box.size.findText("2 ×"))
    box.more.setVisible(True)
    engines = next(c for c in box.more.findChildren(QtWidgets.QComboBox) if c.findData("rten") >= 0)
    engines.setCurrentIndex(engines.findData("rten"))
    yield 600
    box.adjustSize()
    yield 300
    screenshot("dialog")
    check(box.ok.isEnabled() and "rten" in box.line.text(), box.line.text())
    box.ok.click()
    yield lambda: extension()._run is not None
    yield lambda: extension()._run is None
    check((document.width(), document.height()) == (122, 94), f"{document.width()} x {document.height()}")
    text = said()
    check("'filter' was left to Krita" in text and "undo" in text, text)
    screenshot("enlarged")
    document.setActiveNode(find(document, "beyond"))
    yield 200
    KRITA.action("enlarge_with_ai_layer").trigger()
    yield lambda: extension()._dialog is not None
    box = extension()._dialog
    check(box.wanted.options == {"engine": "rten"} and box.wanted.value == 2.0, f"{box.wanted} was remembered")
    check([node.name() for node in box.layers.enlarged] == ["beyond"], "not the chosen layer")
    box.reject()
    yield lambda: extension()._dialog is None


def long_scaling():
    """Where Krita would be blocked for long, a new document is proposed; that is no habit, and can be changed."""
    from enlarge_with_ai import dialog
    from enlarge_with_ai.settings import remembered

    document, _ = painting()
    shown(document)
    yield 300
    habit, long, dialog.LONG = remembered().target, dialog.LONG, -1
    try:
        KRITA.action("enlarge_with_ai_image").trigger()
        yield lambda: extension()._dialog is not None
        box = extension()._dialog
        check(box.wanted.target == "new-image" and "is proposed" in box.line.text(), box.line.text())
        box.ok.click()
        yield lambda: extension()._run is not None
        yield lambda: extension()._run is None
        check((document.width(), document.height()) == (WIDTH, HEIGHT), "the document itself was enlarged")
        check(remembered().target == habit, f"{remembered().target} is remembered")
    finally:
        dialog.LONG = long
