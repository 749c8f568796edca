"""The preview in the dialog, used as a user does it; the screen is looked at."""

import os
import time

from krita import Selection

from enlarge_with_ai.qt import QtCore, QtGui, QtWidgets
from enlarge_with_ai.settings import Settings
from kit import check, raw

from .measurements import memory
from .window import KRITA, PROMPT, Ticker, close_documents, extension, find, messages, painting, ready, screenshot, shown

LEFT = QtCore.Qt.MouseButton.LeftButton
NONE = QtCore.Qt.MouseButton.NoButton
# The seconds of the soak; slow machines take longer for its first rounds.
SOAK = float(os.environ.get("ENLARGER_SOAK", "60"))
PLAIN = QtCore.Qt.KeyboardModifier.NoModifier


def photo():
    """A document with a photo of 257 × 199 pixels, and the dialog for it, as it is for the first time."""
    Settings().save()
    document = KRITA.openDocument("/enlarger/tests/data/cat.png")
    document.setBatchmode(True)
    shown(document)
    yield 300
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    box = extension()._dialog
    yield lambda: ready(box)
    return document, box


def closed(box):
    box.reject()
    yield lambda: extension()._dialog is None


def mouse(widget, kind, x, y, button=LEFT, buttons=LEFT):
    place = QtCore.QPointF(x, y)
    event = QtGui.QMouseEvent(kind, place, QtCore.QPointF(widget.mapToGlobal(place.toPoint())), button, buttons, PLAIN)
    QtWidgets.QApplication.sendEvent(widget, event)


def key(widget, code, text="", modifiers=PLAIN, release=True):
    for kind in (QtCore.QEvent.Type.KeyPress, QtCore.QEvent.Type.KeyRelease)[: 2 if release else 1]:
        QtWidgets.QApplication.sendEvent(widget, QtGui.QKeyEvent(kind, code, modifiers, text))


def drag(widget, *places):
    types = QtCore.QEvent.Type
    mouse(widget, types.MouseButtonPress, *places[0])
    for place in places[1:]:
        mouse(widget, types.MouseMove, *place, button=NONE)
    mouse(widget, types.MouseButtonRelease, *places[-1], buttons=NONE)


def seen(view):
    """What the view shows, as a QImage in pixels of the screen."""
    return view.grab().toImage().convertToFormat(QtGui.QImage.Format.Format_RGB32)


def colours(image, x, y, width, height):
    return [image.pixel(x + dx, y + dy) & 0xFFFFFF for dy in range(0, height, 3) for dx in range(0, width, 3)]


def apart(some, others):
    """The mean distance of colours, of 255."""
    return sum(
        abs((a >> shift & 255) - (b >> shift & 255)) for a, b in zip(some, others) for shift in (0, 8, 16)
    ) / (3 * len(some))


def middle(view):
    """A square in the middle of the picture, away from the words and the divider."""
    area, ratio = view.area(), view.devicePixelRatioF()
    x, y = round(area.center().x() * ratio), round(area.center().y() * ratio)
    return x - 60, y - 60, 120, 120


def preview_dialog():
    """The divider, the source, the zoom, the frame and another preset, by mouse and keys; then OK gives what was seen."""
    document, box = yield from photo()
    view, picture = box.preview.view, box.preview.picture
    first = box.preview.preview.patch
    # Before and after, by the divider.
    area = view.area()
    drag(view, (area.x() + area.width() / 2, area.center().y()), (area.right() - 2, area.center().y()))
    check(view.place > 0.95, f"the divider is at {view.place}")
    before = colours(seen(view), *middle(view))
    drag(view, (area.x() + view.place * area.width(), area.center().y()), (area.x() + 1, area.center().y()))
    check(view.place < 0.05, f"the divider is at {view.place}")
    after = colours(seen(view), *middle(view))
    check(apart(before, after) > 1, f"before and after differ by {apart(before, after):.2f} only")
    mouse(view, QtCore.QEvent.Type.MouseButtonPress, area.center().x(), area.center().y())
    source = colours(seen(view), *middle(view))
    mouse(view, QtCore.QEvent.Type.MouseButtonRelease, area.center().x(), area.center().y(), buttons=NONE)
    check(apart(source, after) > 1 and apart(source, before) > 1, "the source is not shown")
    check(colours(seen(view), *middle(view)) == after, "the source stays")
    # The zoom; at 2:1 the frame is smaller than the picture.
    key(view, QtCore.Qt.Key.Key_2, "2")
    yield lambda: ready(box)
    zoomed = box.preview.preview.patch
    check(zoomed.frame.height < first.frame.height and zoomed.frame.width < first.frame.width, f"{zoomed.frame} at 2:1")
    # The frame, by the mouse and by a key.
    after = colours(seen(view), *middle(view))
    small = picture.area()
    corner = small.x() + small.width() * 0.3, small.y() + small.height() * 0.3
    drag(picture, (small.center().x(), small.center().y()), corner)
    yield lambda: ready(box)
    moved = box.preview.preview.patch
    check(moved.frame.x < zoomed.frame.x and moved.frame.y < zoomed.frame.y, f"{moved.frame} and {zoomed.frame}")
    check(apart(colours(seen(view), *middle(view)), after) > 5, "the view shows the old part")
    key(view, QtCore.Qt.Key.Key_Down)
    yield lambda: ready(box)
    check(box.preview.preview.patch.frame.y > moved.frame.y, "the key does not move the frame")
    key(view, QtCore.Qt.Key.Key_Right, modifiers=QtCore.Qt.KeyboardModifier.ControlModifier)
    check(abs(view.place - 0.05) < 0.02, f"the key moves the divider to {view.place}")
    box.preview.zooms.button(1).click()
    yield lambda: ready(box)
    # Another preset.
    natural = colours(seen(view), *middle(view))
    choose(box, "preset", "crisp")
    yield lambda: ready(box)
    check(box.preview.preview.patch.settings.get("preset") == "crisp", f"{box.preview.preview.patch.settings}")
    check(apart(colours(seen(view), *middle(view)), natural) > 0.2, "the preset does not change the preview")
    screenshot("preview")
    # What was seen is what comes.
    patch = box.preview.preview.patch
    name = box.layers.enlarged[0].name()
    box.ok.click()
    yield lambda: extension()._run is not None
    yield lambda: extension()._run is None
    messages()
    expect_patch(find(document, name), patch)


def expect_patch(node, patch):
    """Fails unless a layer of 8 bits in sRGB has the pixels of the patch, within one level."""
    frame = patch.frame
    found = raw(node, frame.x, frame.y, frame.width, frame.height)
    worst = max(
        max(abs(found[at + 2 - channel] - patch.after[at + channel]) for channel in range(3))
        for at in range(0, len(found), 4)
        if patch.after[at + 3]
    )
    check(worst <= 1, f"the result differs from the preview by {worst} of 255")


def choose(box, key, value):
    combo = box.network[key]
    combo.setCurrentIndex(combo.findData(value))


def preview_quick_changes():
    """Twenty changes, faster than they can be computed: the last one wins, and Krita responds."""
    _, box = yield from photo()
    ticker = Ticker()
    for number in range(20):
        strength = next(widget for widget in box.more.findChildren(QtWidgets.QDoubleSpinBox) if widget.suffix() == " %")
        strength.setValue(40 + number)
        small = box.preview.picture.area()
        mouse(box.preview.picture, QtCore.QEvent.Type.MouseButtonPress, small.x() + 10 + 4 * number, small.center().y())
        yield 20 + 30 * (number % 3)
    yield lambda: ready(box)
    worst = ticker.stop()
    patch = box.preview.preview.patch
    check(patch.settings.get("strength") == 59, f"{patch.settings} is shown")
    frame = box.preview.picture._frame
    check(patch.frame == frame, f"{patch.frame} is shown, and the frame is {frame}")
    check(worst < 1000 * PROMPT, f"Krita did not respond for {worst} ms")
    yield from closed(box)
    return f"worst gap {worst} ms"


def preview_closed_meanwhile():
    """The dialog is closed while a patch is computed, and opened again: the next preview comes."""
    _, box = yield from photo()
    choose(box, "preset", "crisp")
    yield lambda: not box._delay.isActive()
    yield from closed(box)
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    again = extension()._dialog
    yield lambda: ready(again)
    document = again.document
    yield from close_documents(document)
    # A preview of a closed document ends with its dialog.
    again.preview.set_zoom(2)
    yield lambda: extension()._dialog is None
    check(not messages(), "there is a message")


def preview_sheet():
    """The sheet of presets: a picture for each, a click chooses."""
    _, box = yield from photo()
    box.preview.compare_button.click()
    yield lambda: box.preview.sheet is not None
    sheet = box.preview.sheet
    count = len(sheet.buttons)
    check(count == box.network["preset"].count(), f"{count} pictures")
    yield lambda: len(box.preview.preview.cells) == count and not box.preview.preview.busy
    yield 200
    screenshot("sheet")
    check(sheet.width() <= 1280 and sheet.height() <= 680, f"the sheet has {sheet.width()} x {sheet.height()} pixels")
    problems = [f"{cell.choice.label}: {cell.problem}" for cell in box.preview.preview.cells if cell.patch is None]
    check(not problems, f"{problems}")
    # Without further models some presets use the same network.
    looks = {bytes(cell.patch.after) for cell in box.preview.preview.cells}
    check(len(looks) >= 3, f"only {len(looks)} of {count} pictures differ")
    crisp = next(index for index, cell in enumerate(box.preview.preview.cells) if cell.choice.settings["preset"] == "crisp")
    sheet.buttons[crisp].click()
    yield lambda: box.preview.sheet is None
    yield lambda: ready(box)
    check(box.settings.options.get("preset") == "crisp", f"{box.settings.options}")
    check(box.network["preset"].currentData() == "crisp", "the list shows another preset")
    check(box.preview.preview.patch.settings.get("preset") == "crisp", "the preview shows another preset")
    yield from closed(box)


def preview_in_place():
    """In place, with a selection: what the preview shows outside is the picture as it is; OK gives what was seen."""
    Settings().save()
    document = KRITA.openDocument("/enlarger/tests/data/cat.png")
    document.setBatchmode(True)
    area = Selection()
    area.select(100, 100, 120, 90, 255)
    area.select(100, 100, 20, 90, 128)
    area.select(140, 120, 30, 30, 0)
    document.setSelection(area)
    shown(document)
    yield 300
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    box = extension()._dialog
    box.target.setCurrentIndex(box.target.findData("in-place"))
    box.target.activated.emit(box.target.currentIndex())
    yield lambda: box._delay.isActive()
    yield lambda: ready(box)
    target = box._target
    patch = target.as_applied(box.preview._pictures[0], box.preview.preview.patch)
    frame = patch.frame
    check((frame.width, frame.height) == (120, 90), f"the frame is {frame}, not the selection")
    hole = (25 * frame.width + 45) * 4
    check(patch.after[hole : hole + 4] == patch.source[hole : hole + 4], "the hole of the selection shows the result")
    check(patch.after != patch.source, "there is no result")
    name = box.layers.enlarged[0].name()
    box.ok.click()
    yield lambda: extension()._run is not None
    yield lambda: extension()._run is None
    messages()
    expect_patch(find(document, name), patch)


def preview_layers():
    """With several layers the preview shows the active one, and each of the others on demand."""
    Settings().save()
    document, layers = painting()
    bounds = layers[2].bounds()
    rect = bounds.x(), bounds.y(), bounds.width(), bounds.height()
    layers[2].setPixelData(b"\x20\x40\x60\xff" * (bounds.width() * bounds.height()), *rect)
    shown(document)
    yield 300
    document.setActiveNode(layers[1])
    yield 200
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    box = extension()._dialog
    yield lambda: ready(box)
    check(box.preview.layer.isVisible() and box.preview.layer.currentText() == "masked", box.preview.layer.currentText())
    flat = b"\x60\x40\x20\xff"
    check(box.preview.preview.patch.after.count(flat) * 8 < len(box.preview.preview.patch.after), "another layer is shown")
    box.preview.layer.setCurrentIndex(box.preview.layer.findText("beyond"))
    box.preview.layer.activated.emit(box.preview.layer.currentIndex())
    yield lambda: ready(box)
    found = box.preview.preview.patch.after
    check(found.count(flat) * 8 > len(found), "the layer is not shown")
    yield from closed(box)


def preview_soak():
    """Changes for a while: the memory stays flat."""
    _, box = yield from photo()
    # Smaller parts, so that there are more of them.
    box.preview.set_zoom(2)
    values, began, rounds = [], time.monotonic(), 0
    while time.monotonic() - began < SOAK or rounds < 4:
        choose(box, "preset", ("crisp", "natural")[rounds % 2])
        yield lambda: ready(box)
        small = box.preview.picture.area()
        for step in range(5):
            place = small.x() + small.width() * (step + 1) / 6
            mouse(box.preview.picture, QtCore.QEvent.Type.MouseButtonPress, place, small.center().y())
            yield lambda: ready(box)
        rounds += 1
        values.append(memory("VmRSS"))
    yield from closed(box)
    # The first rounds open networks and fill caches.
    settled = values[len(values) // 3 :]
    check(max(settled) - settled[0] < 48, f"the memory grows: {values} MiB")
    return f"{rounds} rounds, {settled[0]:.0f} to {max(settled):.0f} MiB"
