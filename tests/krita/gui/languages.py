"""The dialog in other languages than English."""

import gettext
import os
import sys

from enlarge_with_ai.enlarger import translation
from enlarge_with_ai.language import languages
from enlarge_with_ai.qt import QtCore, QtWidgets
from kit import check

from .preview import closed, photo
from .window import screenshot

OURS = "enlarge_with_ai."
# The modules of the binding that translate texts when they are imported.
TRANSLATED = {f"{OURS}enlarger.{name}" for name in ("advice_line", "comparison", "dialog", "mask_choice", "model_list")}


def has_texts(name):
    """Whether a module has to be imported again for another language. Krita keeps the actions of the extension."""
    if name.startswith(f"{OURS}enlarger"):
        return name in TRANSLATED
    return name.startswith(OURS) and name not in (f"{OURS}extension", f"{OURS}qt", f"{OURS}take_back") and name.count(".") == 1


def language_of_krita():
    """The language that Krita's menu has stored comes before that of the system."""
    folder = QtCore.QStandardPaths.writableLocation(QtCore.QStandardPaths.StandardLocation.GenericConfigLocation)
    path = f"{folder}/klanguageoverridesrc"
    check(not os.path.exists(path) and languages()[0] == QtCore.QLocale.system().uiLanguages()[0], f"{languages()}")
    try:
        for stored, expected in (("@ByteArray(fr:de)", ["fr", "de"]), ("pt_BR", ["pt_BR"])):
            with open(path, "w") as file:
                file.write(f"[Language]\nkrita={stored}\n")
            check(languages() == expected, f"{languages()} for {stored}")
    finally:
        os.remove(path)
    yield 10


def dialog_in_german():
    yield from in_language("de", "Das Ergebnis hat")


def dialog_in_french():
    yield from in_language("fr", "Le résultat mesure")


def in_language(language, result):
    """The dialog speaks a language and fits on a small screen. `result` begins the sentence about the result."""
    before = {name: module for name, module in sys.modules.items() if has_texts(name)}
    for name in before:
        parent, _, child = name.rpartition(".")
        del sys.modules[name]
        delattr(sys.modules[parent], child)
    translation.use([language])
    try:
        _, box = yield from photo()
        english = english_texts(language)
        for page in range(box.pages.count()):
            box.pages.setCurrentIndex(page)
            yield 200
            screenshot(f"dialog {language} {page}")
            check(box.width() <= 1280 and box.height() <= 690, f"{box.width()} x {box.height()} pixels in {language}")
            area = box.pages.currentWidget()
            check(area.widget().width() <= area.viewport().width(), f"page {page} is cut off in {language}")
        left = english & set(texts(box))
        check(not left, f"in English: {left}")
        check(result in box.line.text(), box.line.text())
        yield from closed(box)
    finally:
        translation.use([])
        for name, module in before.items():
            parent, _, child = name.rpartition(".")
            sys.modules[name] = module
            setattr(sys.modules[parent], child, module)


def texts(box):
    """All texts of the dialog, also tooltips, without the marks for the keyboard."""
    for widget in (box, *box.findChildren(QtWidgets.QWidget)):
        found = [widget.toolTip(), widget.accessibleName()]
        if isinstance(widget, (QtWidgets.QLabel, QtWidgets.QAbstractButton)):
            found.append(widget.text())
        if isinstance(widget, QtWidgets.QComboBox):
            found += [widget.itemText(index) for index in range(widget.count())]
        if isinstance(widget, QtWidgets.QTabWidget):
            found += [widget.tabText(index) for index in range(widget.count())]
            found += [widget.tabToolTip(index) for index in range(widget.count())]
        yield from (text.replace("&", "") for text in found if text)


def english_texts(language):
    """The texts that must not be seen in another language."""
    with open(gettext.find(translation.DOMAIN, translation.FOLDER, [language]), "rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog
    pairs = [(one.replace("&", ""), other.replace("&", "")) for one, other in catalog.items() if isinstance(one, str)]
    return {one for one, other in pairs if one != other} - {other for _, other in pairs}
