"""Faces in the dialog: their outlines, and leaving them out by a click and by the list."""

from dialog_kit import Opened, expect_result, screenshot, wait
from enlarger.face_choice import choice_of, left_out

# The script `dialog` makes it: two faces side by side.
FACES = "/tmp/faces.png"


def chosen(opened):
    """The faces that the procedure's argument leaves out."""
    return left_out(opened.preview.patch.faces, choice_of(opened.config.get_property("faces-left-out")).places(1))


def place_on(opened, outline):
    """A place in an outline that the frame shows, in units of the desktop from the corner of the view."""
    width, height = opened.view._size
    inside = [(x, y) for x in range(4, width, 7) for y in range(4, height, 7) if outline.has(x, y) and abs(x - width / 2) > 20]
    x, y = inside[len(inside) // 2]
    view, scale = opened.view, opened.view.get_scale_factor()
    return x / scale + (view.get_allocated_width() - width / scale) / 2, y / scale + (view.get_allocated_height() - height / scale) / 2


def faces():
    """A click on a face leaves it out, in the preview as in the result; so does the list."""
    with Opened(FACES, preset="portrait", factor=2.0) as opened:
        both = opened.settled("the faces")
        button, view = opened.pane.faces, opened.view
        assert len(both.faces) == len(view._outlines) == 2, f"{both.faces}"
        assert button.get_visible() and "2 faces" in button._text.get_text(), button._text.get_text()
        width, height = opened.dialog.window.get_size()
        assert width <= 1280 and height <= 690, f"{width}x{height} is too large for a screen of 1280x720"
        plain = view._drawn[1]
        assert plain.get_pixels() != view._views[1].get_pixels(), "there are no lines"
        screenshot("faces")
        outline = view._outlines[0]
        opened.mouse(("at", view, *place_on(opened, outline)), ["click", "1"])
        wait(lambda: chosen(opened) == [outline.face], "the click to leave the face out")
        one = opened.settled("the preview with a face left out")
        assert view._drawn[1].get_pixels() != plain.get_pixels(), "the line is the same"
        assert one.after != both.after, "leaving a face out changes nothing"
        assert "1 of 2 faces is left out" in button._text.get_text(), button._text.get_text()
        opened.mouse(["mousemove", "2", "2"])
        screenshot("faces-one-left-out")
        # A press that is held shows the source, and leaves nothing out.
        opened.mouse(("at", view, *place_on(opened, view._outlines[1])), ["mousedown", "1"], ["sleep", "1"], ["mouseup", "1"])
        assert chosen(opened) == [outline.face], "holding the button leaves a face out"
        items = button.get_popup().get_children()
        assert [item.get_active() for item in items] == [face is not outline.face for face in one.faces]
        next(item for item in items if item.get_active()).set_active(False)
        wait(lambda: len(chosen(opened)) == 2, "the list to leave the other one out")
        none = opened.settled("the preview without faces")
        assert none.after not in (one.after, both.after)
        button.get_popup().get_children()[0].set_active(True)
        wait(lambda: len(chosen(opened)) == 1, "the list to take a face in again")
        expect_result(opened, opened.settled())


def faces_by_settings():
    """Faces are shown only where they are treated; GIMP's Reset takes all in again, and the next dialog begins with all."""
    with Opened(FACES, preset="portrait", factor=2.0, **{"faces-left-out": "1: 90,70"}) as opened:
        opened.settled("the faces")
        assert opened.config.get_property("faces-left-out") == "", "the choice for another picture is kept"
        opened.pane.faces.get_popup().get_children()[0].set_active(False)
        wait(lambda: len(chosen(opened)) == 1, "the list to leave a face out")
        opened.settled()
        # As GIMP's button Reset does, from outside the dialog. Python cannot call what it calls.
        for argument in ("preset", "faces-left-out"):
            opened.config.set_property(argument, "")
        wait(lambda: opened.settled().faces is None, "the preview without the preset")
        assert opened.config.get_property("faces-left-out") == "" and not opened.pane.faces.get_visible()
        assert not opened.view._outlines
        opened.config.set_property("preset", "portrait")
        wait(lambda: opened.settled().faces, "the faces again")
        assert not chosen(opened) and "2 faces" in opened.pane.faces._text.get_text()
    with Opened(preset="portrait", factor=2.0) as opened:
        assert opened.settled("a cat").faces == []
        assert opened.pane.faces.get_visible() and not opened.pane.faces.get_sensitive()
        assert opened.pane.faces._text.get_text() == "No face was found"


CASES = {"faces": faces, "faces by settings": faces_by_settings}
