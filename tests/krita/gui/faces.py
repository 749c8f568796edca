"""Faces in the dialog: their outlines, and leaving them out by a click and by the list."""

import json

from enlarge_with_ai.enlarger.face_choice import left_out
from enlarge_with_ai.qt import QtCore
from kit import check

from .advice import CAT, enlarged, opened
from .preview import NONE, choose, closed, expect_patch, mouse, seen
from .window import KRITA, find, ready, screenshot

# The script `inside` makes it: two faces side by side.
FACES = "/tmp/faces.png"
PRESS, RELEASE = QtCore.QEvent.Type.MouseButtonPress, QtCore.QEvent.Type.MouseButtonRelease


def text_of(button):
    """Its text without the letter that KDE marks for the keyboard."""
    return button.text().replace("&", "")


def chosen(box):
    """The faces that are left out."""
    picture = box.preview._pictures[0]
    return left_out(box.preview.preview.patch.faces, box.settings.faces.places(picture.identity))


def place_on(view, outline):
    """A place in an outline that the view shows, away from the divider, in Qt's pixels."""
    area, ratio = view.area(), view.devicePixelRatioF() / view.zoom
    width, height = view._size
    inside = [(x, y) for x in range(4, width, 7) for y in range(4, height, 7) if outline.has(x, y) and abs(x - width / 2) > 20]
    x, y = inside[len(inside) // 2]
    return area.x() + x / ratio, area.y() + y / ratio


def click(view, place):
    mouse(view, PRESS, *place)
    mouse(view, RELEASE, *place, buttons=NONE)


def faces():
    """A click on a face leaves it out, in the preview as in the result; so does the list. A longer press leaves nothing out."""
    document, box = yield from opened(FACES, options={"preset": "portrait"})
    yield lambda: ready(box)
    view, button, both = box.preview.view, box.preview.faces, box.preview.preview.patch
    check(len(both.faces) == len(view._outlines) == 2, f"{both.faces}")
    check(button.isVisible() and "2 faces" in text_of(button), button.text())
    check(box.width() <= 1280 and box.height() <= 680, f"the dialog has {box.width()} x {box.height()} pixels")
    lines = seen(view)
    yield 300
    screenshot("faces")
    outline = view._outlines[0]
    click(view, place_on(view, outline))
    check(chosen(box) == [outline.face], f"the click leaves {chosen(box)} out")
    check(seen(view) != lines, "the line is the same")
    yield lambda: ready(box)
    one = box.preview.preview.patch
    check(one.after != both.after, "leaving a face out changes nothing")
    check(text_of(button) == "1 of 2 faces is left out", button.text())
    yield 300
    screenshot("faces one left out")
    other = view._outlines[1]
    mouse(view, PRESS, *place_on(view, other))
    began = view._press
    view._press = began[0] - 1000, began[1]
    mouse(view, RELEASE, *place_on(view, other), buttons=NONE)
    check(chosen(box) == [outline.face], "holding the button leaves a face out")
    actions = button.menu().actions()
    check([action.isChecked() for action in actions] == [face is not outline.face for face in one.faces], "the list differs")
    next(action for action in actions if action.isChecked()).trigger()
    check(len(chosen(box)) == 2, f"the list leaves {chosen(box)} out")
    yield lambda: ready(box)
    check(box.preview.preview.patch.after not in (one.after, both.after), "the list changes nothing")
    button.menu().actions()[0].trigger()
    check(len(chosen(box)) == 1, "the list does not take a face in again")
    yield lambda: ready(box)
    patch, name = box.preview.preview.patch, box.layers.enlarged[0].name()
    yield from enlarged(box)
    expect_patch(find(document, name), patch)
    saved = json.loads(KRITA.readSetting("enlarge_with_ai", "last", "{}"))
    check(saved["options"]["preset"] == "portrait" and "faces" not in saved, f"{saved}")


def faces_by_settings():
    """Faces are shown only where they are treated, and in a picture without one the dialog says so."""
    _, box = yield from opened(FACES)
    yield lambda: ready(box)
    check(box.preview.preview.patch.faces is None and not box.preview.faces.isVisible(), "faces are shown")
    choose(box, "preset", "portrait")
    yield lambda: ready(box)
    check(box.preview.faces.isVisible() and not chosen(box), "no faces are shown")
    choose(box, "preset", "natural")
    yield lambda: ready(box)
    check(not box.preview.faces.isVisible() and not box.preview.view._outlines, "faces are still shown")
    yield from closed(box)
    _, box = yield from opened(CAT, options={"preset": "portrait"})
    yield lambda: ready(box)
    button = box.preview.faces
    check(button.isVisible() and not button.isEnabled() and text_of(button) == "No face was found", button.text())
    yield from closed(box)
