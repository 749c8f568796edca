"""Advice and masks in the dialog: what a new user sees of a noisy face, and where the network is used."""

import time

from krita import Selection

from enlarge_with_ai.qt import QtWidgets
from enlarge_with_ai.settings import Settings
from kit import add_mask, check

from .preview import choose, closed, expect_patch
from .window import KRITA, PROMPT, Ticker, close_documents, extension, find, messages, ready, screenshot, shown

# The script `inside` makes it.
FACE = "/tmp/face.jpg"
CAT = "/enlarger/tests/data/cat.png"


def opened(path, prepare=lambda document: None, **settings):
    """A document with a photo, and the dialog for it."""
    Settings(**settings).save()
    document = KRITA.openDocument(path)
    document.setBatchmode(True)
    prepare(document)
    shown(document)
    yield 300
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    return document, extension()._dialog


def texts(box):
    return [line.text for line in box.advice.lines]


def button_of(box):
    return next(button for button in box.advice.findChildren(QtWidgets.QPushButton) if button.isVisible())


def enlarged(box):
    """Presses OK and waits for the result."""
    box.ok.click()
    yield lambda: extension()._run is not None
    yield lambda: extension()._run is None
    return messages()


def new_user():
    """A noisy face: the dialog says so, the sheet shows it, one click takes the better preset, and the result is the same."""
    document, box = yield from opened(FACE)
    ticker = Ticker()
    yield lambda: ready(box) and texts(box)
    worst = ticker.stop()
    natural = box.preview.preview.patch
    check(len(texts(box)) == 1 and texts(box)[0].startswith("The picture is noisy: "), f"{texts(box)}")
    button = button_of(box)
    label = button.text().replace("&", "")
    check(label == "Use Clean" and "noise level" in button.toolTip(), f"{label}: {button.toolTip()}")
    check(box.width() <= 1280 and box.height() <= 680, f"the dialog has {box.width()} x {box.height()} pixels")
    yield 300
    screenshot("new user")
    box.preview.compare_button.click()
    yield lambda: box.preview.sheet is not None
    sheet = box.preview.sheet
    yield lambda: len(box.preview.preview.cells) == len(sheet.buttons) and not box.preview.preview.busy
    looks = {cell.choice.settings["preset"]: bytes(cell.patch.after) for cell in box.preview.preview.cells}
    check(looks["natural"] != looks["clean"], "the sheet shows no difference")
    yield 200
    screenshot("new user sheet")
    # A model is compared with them.
    sheet.picker.actions_by_id["waifu2x-photo-x2"].trigger()
    count = len(looks) + 1
    yield lambda: len(box.preview.preview.cells) == count and not box.preview.preview.busy
    check(len(sheet.buttons) == count and sheet.buttons[-1].isEnabled(), "the model has no picture")
    sheet.reject()
    yield lambda: box.preview.sheet is None and ready(box)
    check(box.settings.options == {}, f"{box.settings.options}")
    button_of(box).click()
    yield lambda: ready(box) and box.preview.preview.patch.settings.get("preset") == "clean"
    check(not texts(box) and not box.advice.isVisible(), f"{texts(box)}")
    check(box.network["preset"].currentData() == "clean", "the list shows another preset")
    patch = box.preview.preview.patch
    check(patch.level > 0 and patch.after != natural.after, "Clean changes nothing")
    screenshot("new user clean")
    name = box.layers.enlarged[0].name()
    yield from enlarged(box)
    expect_patch(find(document, name), patch)
    return f"worst gap {worst} ms"


def advice_follows():
    """Advice follows the factor, and can be switched off, which is remembered."""
    _, box = yield from opened(FACE)
    yield lambda: texts(box)
    box.size.setCurrentIndex(box.size.findText("Another factor"))
    box.number.setValue(16.0)
    yield lambda: len(texts(box)) == 2 and "too little for a factor of 16" in texts(box)[0]
    yield 300
    check(box.height() <= 680, f"with two lines the dialog is {box.height()} pixels high")
    screenshot("advice")
    button_of(box).click()
    yield lambda: box.settings.value == 2.0 and len(texts(box)) == 1
    switch = next(w for w in box.more.findChildren(QtWidgets.QCheckBox) if w.text() == "Show advice")
    switch.setChecked(False)
    yield lambda: not texts(box) and not box.advice.isVisible()
    yield lambda: ready(box)
    yield from enlarged(box)
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    box = extension()._dialog
    yield lambda: ready(box)
    yield 500
    check(not texts(box), "it is shown again")
    next(w for w in box.more.findChildren(QtWidgets.QCheckBox) if w.text() == "Show advice").setChecked(True)
    yield lambda: box.settings.advice
    yield from closed(box)


def select(document):
    area = Selection()
    area.select(60, 50, 70, 80, 255)
    document.setSelection(area)


def mask(document):
    add_mask(document, document.topLevelNodes()[0], 60, 50, 70, 80)


def masks():
    """The network is used where the user says, in the preview as in the result."""
    for prepare, choice in ((select, "protect-selection"), (mask, "layer-mask")):
        document, box = yield from opened(CAT, prepare, mask=choice)
        yield lambda: ready(box)
        patch = box.preview.preview.patch
        inside, outside = at(patch, 190, 180), at(patch, patch.frame.x + 8, patch.frame.y + 8)
        plain = inside if choice.startswith("protect") else outside
        counted = outside if plain is inside else inside
        check(patch.after[plain] == patch.before[plain], f"{choice}: the network's result is used everywhere")
        check(patch.after[counted] != patch.before[counted], f"{choice}: the network's result is not used")
        screenshot(f"mask {choice}")
        name = box.layers.enlarged[0].name()
        yield from enlarged(box)
        expect_patch(find(document, name), patch)
        yield from close_documents(document)


def at(patch, x, y):
    """The bytes of some pixels of a row of a patch, at a place in the whole result."""
    start = ((y - patch.frame.y) * patch.frame.width + x - patch.frame.x) * 4
    return slice(start, start + 40)


def masks_missing():
    """Without a selection or a mask the dialog says what is missing, and what it does instead of the last choice."""
    document, box = yield from opened(CAT, mask="selection")
    yield lambda: ready(box)
    check(box.settings.mask == "everywhere" and "Nothing is selected now" in box.notice.text(), box.notice.text())

    def choose_mask(id):
        box.mask.setCurrentIndex(box.mask.findData(id))
        box.mask.activated.emit(box.mask.currentIndex())

    for id, words in (("selection", "There is no selection; select a part"), ("layer-mask", "No chosen layer has a mask")):
        choose_mask(id)
        yield lambda: words in box.line.text() and not box.ok.isEnabled()
    select(document)
    choose_mask("protect-selection")
    yield lambda: ready(box) and box.ok.isEnabled()
    box.target.setCurrentIndex(box.target.findData("in-place"))
    box.target.activated.emit(box.target.currentIndex())
    yield lambda: "nothing is left" in box.line.text()
    yield from closed(box)


def quit_during_preview():
    """Krita quits while a preview is computed, or just after its dialog was closed: it waits for the worker."""
    for close_first in (False, True):
        _, box = yield from opened(CAT)
        yield lambda: ready(box)
        preview = box.preview.preview
        choose(box, "preset", "crisp")
        yield lambda: preview.busy
        worker = preview._worker
        if close_first:
            yield from closed(box)
        began = time.monotonic()
        extension().close()
        seconds = time.monotonic() - began
        check(not worker.is_alive(), "the worker is still running")
        check(seconds < PROMPT, f"it took {seconds:.2f} s")
        if not close_first:
            yield from closed(box)
