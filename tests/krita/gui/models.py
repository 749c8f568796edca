"""Adding a model from the dialog, and the window with the models that can be installed, as a user does it."""

from cases import HEIGHT, WIDTH
from enlarge_with_ai.qt import QtCore, QtGui, QtWidgets
from enlarge_with_ai.settings import Settings, saved_settings
from kit import check, document_of, expect_equal

from .window import CASE, FOLDER, KRITA, expect_state, extension, message_boxes, messages, screenshot, shown, state

FILES = f"{FOLDER}/models-to-add/files"


def opened_dialog():
    """Opens the dialog for a document; returns both."""
    document = shown(document_of(CASE)[0])
    yield 300
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    yield 600
    return document, extension()._dialog


def closed(box):
    box.reject()
    yield lambda: extension()._dialog is None


def press(window, label):
    """Clicks the button with this label."""
    buttons = [b for b in window.findChildren(QtWidgets.QPushButton) if b.text().replace("&", "") == label]
    check(len(buttons) == 1 and buttons[0].isEnabled(), f"there is no button '{label}' to click")
    buttons[0].click()


def choose(box, name, picture=None):
    """Chooses a file in the file chooser, as by typing its path; the import then begins."""
    press(box, "Add a model…")
    yield lambda: box.models.chooser is not None
    yield 300
    chooser = box.models.chooser
    filters = " ".join(chooser.nameFilters())
    for ending in ("pth", "safetensors", "ckpt", "pt", "onnx", "param"):
        check(f"*.{ending}" in filters, f"{ending} is missing in {filters}")
    chooser.findChild(QtWidgets.QLineEdit).setText(f"{FILES}/{name}")
    yield 200
    if picture:
        screenshot(picture)
    chooser.accept()
    yield lambda: box.models.task is not None


def drop(box, name):
    """Drops a file on the dialog."""
    data = QtCore.QMimeData()
    data.setUrls([QtCore.QUrl.fromLocalFile(f"{FILES}/{name}")])
    copy, left, no_key = QtCore.Qt.DropAction.CopyAction, QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier
    enter = QtGui.QDragEnterEvent(QtCore.QPoint(9, 9), copy, data, left, no_key)
    QtWidgets.QApplication.sendEvent(box, enter)
    check(enter.isAccepted(), "the file is not accepted")
    QtWidgets.QApplication.sendEvent(box, QtGui.QDropEvent(QtCore.QPointF(9, 9), copy, data, left, no_key))
    yield lambda: box.models.task is not None


def models(box):
    combo = box.network["model"]
    return [combo.itemData(index) for index in range(combo.count())]


def added(name):
    """Adds a model from a file, uses it, and compares the layer with what the command makes of it."""
    id = name.partition(".")[0]
    document, box = yield from opened_dialog()
    before = models(box)
    # A method would disable the model; it is put back.
    method = box.network["method"]
    method.setCurrentIndex(method.findData("lanczos"))
    yield 300
    yield from choose(box, name, "add a model") if name.endswith(".onnx") else drop(box, name)
    yield lambda: box.models.task is None
    yield 600
    check(box.notice.text() == "", box.notice.text())
    check(sorted(models(box)) == sorted([*before, id]), f"{models(box)} after {before}")
    combo = box.network["model"]
    check(combo.currentData() == id and combo.isEnabled() and not box.network["preset"].isEnabled(), "it is not chosen")
    screenshot(f"added {name}")
    box.size.setCurrentIndex(box.size.findText("2 ×"))
    yield 400
    check(box.ok.isEnabled(), box.line.text())
    box.ok.click()
    yield lambda: extension()._run is not None
    yield lambda: extension()._run is None
    text = messages()
    check((document.width(), document.height()) == (2 * WIDTH, 2 * HEIGHT), f"{document.width()}, {text}")
    expect_equal(document.topLevelNodes()[0], CASE, f"models-to-add/results/{id}")


def model_onnx():
    yield from added("doubling.onnx")


def model_legacy_checkpoint():
    yield from added("legacy-compact.pth")


def model_safetensors():
    yield from added("safe-compact.safetensors")


def model_refused():
    """A web page that was saved as a model: one sentence, and nothing changes."""
    document, box = yield from opened_dialog()
    before, settings, pixels = models(box), dict(box.settings.options), state(document)
    yield from choose(box, "page.pth")
    yield lambda: box.models.task is None
    yield 300
    text = box.notice.text()
    check("page.pth" in text and text.endswith(".") and box.notice.isVisible(), text)
    check(models(box) == before and box.settings.options == settings, f"{models(box)}, {box.settings.options}")
    expect_state(state(document), pixels, "after a refusal")
    screenshot("refused")
    # The next choice takes the notice away.
    combo = box.network["preset"]
    combo.setCurrentIndex((combo.currentIndex() + 1) % combo.count())
    yield 300
    check(not box.notice.isVisible(), "the notice stays")
    yield from closed(box)


def model_cancelled():
    """An import that is cancelled leaves nothing, and Krita responds meanwhile."""
    _, box = yield from opened_dialog()
    before = models(box)
    yield from choose(box, "slow.param")
    yield 1000
    check(box.models.task is not None, "the import was too fast to be cancelled")
    screenshot("importing")
    window = box.models.task.window
    check(window.text.text()[:1].isupper(), f"the text is '{window.text.text()}'")
    window.button.click()
    yield lambda: box.models.task is None
    yield 300
    check(models(box) == before and box.notice.text() == "", f"{models(box)}, {box.notice.text()}")
    yield from closed(box)


def row_of(window, id):
    """Selects a model in the list, and returns its row."""
    for index in range(window.list.topLevelItemCount()):
        window.list.setCurrentItem(window.list.topLevelItem(index))
        if window._selected().id == id:
            return window._selected()
    raise AssertionError(f"{id} is not listed")


def more_models():
    """Installs a model of the catalogue and uses it, refuses and accepts an unclear licence, and removes models."""
    _, box = yield from opened_dialog()
    press(box, "More models…")
    yield lambda: box.models.window is not None
    yield 400
    window = box.models.window
    window.search.setText("test free mit")
    yield 100
    check(window.list.topLevelItemCount() == 1, f"{window.list.topLevelItemCount()} models match")
    row = row_of(window, "test-free")
    check((row.licence, row.state) == ("MIT", "no") and row.size.endswith(" MB"), f"{row}")
    check("which allows commercial use" in window.details.toPlainText(), window.details.toPlainText())
    press(window, "Install")
    yield lambda: window.task is not None
    yield lambda: window.task is None
    check(window.notice.text() == "" and row_of(window, "test-free").state == "yes", window.notice.text())

    window.search.setText("")
    row = row_of(window, "test-unclear")
    screenshot("more models")
    check(row.licence == "unclear", row.licence)
    for answer in ("Cancel", "Install"):
        press(window, "Install")
        yield lambda: message_boxes()
        question = message_boxes()[0]
        check("Copyright (c) 2026" in question.text() and "unclear" in question.text(), question.text())
        yield 200
        screenshot("unclear licence")
        press(question, answer)
        yield lambda: not message_boxes()
        yield 200
        check((window.task is not None) == (answer == "Install"), f"after {answer}")
    # The download is slow. Escape cancels it.
    window.task.window.reject()
    yield lambda: window.task is None
    check(window.notice.text() == "" and row_of(window, "test-unclear").state == "no", window.notice.text())
    press(window, "Install")
    yield lambda: message_boxes()
    press(message_boxes()[0], "Install")
    yield lambda: window.task is not None
    yield lambda: window.task is None
    check(row_of(window, "test-unclear").state == "yes", window.notice.text())
    press(window, "Remove")
    yield lambda: window.task is None and row_of(window, "test-unclear").state == "no"

    row_of(window, "test-free")
    press(window, "Use this model")
    yield lambda: box.models.window is None
    yield 400
    check(box.network["model"].currentData() == "test-free", f"{box.network['model'].currentData()} is chosen")
    check("test-unclear" not in models(box), f"{models(box)}")

    # A model that is removed while it is chosen.
    press(box, "More models…")
    yield lambda: box.models.window is not None
    window = box.models.window
    row_of(window, "test-free")
    press(window, "Remove")
    yield lambda: window.task is None and row_of(window, "test-free").state == "no"
    window.reject()
    yield lambda: box.models.window is None
    yield 400
    check("'test-free' is not installed any more" in box.notice.text(), box.notice.text())
    check("model" not in box.settings.options, f"{box.settings.options}")
    # Until the default is opened, the answer is still that the model is not installed.
    yield lambda: box.ok.isEnabled()
    screenshot("removed")
    yield from closed(box)


def model_missing():
    """A model of the last time that is gone: a notice, and the default."""
    saved = saved_settings()
    Settings(options={"model": "mona-lisa"}).save()
    try:
        _, box = yield from opened_dialog()
        check("'mona-lisa' is not installed any more" in box.notice.text(), box.notice.text())
        check(box.ok.isEnabled() and box.settings.options == {}, f"{box.settings.options}, {box.line.text()}")
        yield from closed(box)
    finally:
        saved.save()
