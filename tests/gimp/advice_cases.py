"""Advice and masks in the dialog: what a new user sees of a noisy face, and where the network is used."""

import subprocess

from dialog_kit import SCREENSHOTS, Opened, every, expect_result, screenshot, wait
from gi.repository import Gimp, GLib, Gtk

# The script `dialog` makes it.
FACE = "/tmp/face.jpg"


def fits(opened):
    width, height = opened.dialog.window.get_size()
    assert width <= 1280 and height <= 690, f"{width}x{height} is too large for a screen of 1280x720"


def texts(opened):
    return [line.text for line in opened.dialog.advice.lines]


def button_of(opened):
    return next(widget for widget in every(opened.dialog.advice) if isinstance(widget, Gtk.Button))


def new_user():
    """A noisy face: the dialog says so, the sheet shows it, one click takes the better preset, and the result is the same."""
    with Opened(FACE) as opened:
        natural = opened.settled()
        wait(lambda: texts(opened), "the advice")
        assert len(texts(opened)) == 1 and texts(opened)[0].startswith("The picture is noisy: "), texts(opened)
        button = button_of(opened)
        assert button.get_label() == "Use Clean" and "noise level" in button.get_tooltip_text()
        fits(opened)
        screenshot("new-user")
        sheet = compared(opened)
        presets = {choice.settings["preset"]: after for choice, after in sheet}
        assert presets["natural"] != presets["clean"], "the sheet shows no difference"
        assert opened.config.get_property("preset") == "", "the sheet was closed and chose a preset"
        opened.settled()
        window, middle = opened.dialog.window, (button.get_allocated_width() / 2, button.get_allocated_height() / 2)
        opened.mouse(("at", window, *button.translate_coordinates(window, *middle)), ["click", "1"])
        wait(lambda: opened.settled().settings.get("preset") == "clean", "the click to choose Clean")
        clean = opened.settled()
        assert not opened.dialog.advice.get_visible(), texts(opened)
        assert clean.after != natural.after and clean.level > 0
        screenshot("new-user-clean")
        expect_result(opened, clean)


def compared(opened):
    """Opens the sheet, waits for its pictures, closes it; returns each choice with its picture."""
    made = []

    def look():
        sheet = opened.pane._sheet
        if sheet is None or opened.preview.busy or len(opened.preview.cells) < len(sheet._cells):
            return True
        made.extend((cell.choice, cell.patch.after) for cell in opened.preview.cells)
        GLib.timeout_add(300, close, sheet)
        return False

    def close(sheet):
        subprocess.run(["import", "-window", "root", f"{SCREENSHOTS}/new-user-sheet.png"], check=True)
        sheet.response(Gtk.ResponseType.CLOSE)
        return False

    GLib.timeout_add(50, look)
    opened.pane.compare.clicked()
    return made


def advice():
    """Advice follows the settings, and can be switched off."""
    with Opened(FACE) as opened:
        wait(lambda: texts(opened), "the advice")
        opened.config.set_property("factor", 16.0)
        wait(lambda: len(texts(opened)) == 2 and "too little for a factor of 16" in texts(opened)[0], "the new factor")
        screenshot("advice")
        button_of(opened).clicked()
        wait(lambda: opened.config.get_property("factor") == 2.0 and len(texts(opened)) == 1, "the button of the factor")
        switch = next(w for w in every(opened.dialog.pages) if isinstance(w, Gtk.CheckButton) and w.get_label() == "Show advice")
        assert switch.get_active() and switch.get_tooltip_text()
        switch.set_active(False)
        assert opened.config.get_property("advice") is False
        wait(lambda: not texts(opened), "the advice to go")
        assert not opened.dialog.advice.get_visible()
        switch.set_active(True)
        wait(lambda: texts(opened), "the advice to come back")


def select(image, _layer):
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 60, 50, 70, 80)


def add_mask(image, layer):
    """A layer mask that is white in the same rectangle."""
    select(image, layer)
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.SELECTION))
    Gimp.Selection.none(image)


def masks():
    """The network is used where the user says, in the preview as in the result."""
    for prepare, choice in ((select, "selection"), (add_mask, "protect-layer-mask")):
        with Opened(prepare=prepare, mask=choice, factor=2.0) as opened:
            patch = opened.settled()
            inside, outside = at(patch, 2 * 95, 2 * 90), at(patch, patch.frame.x + 8, patch.frame.y + 8)
            plain = inside if choice.startswith("protect") else outside
            counted = outside if plain is inside else inside
            assert patch.after[plain] == patch.before[plain], f"{choice}: the network's result is used everywhere"
            assert patch.after[counted] != patch.before[counted], f"{choice}: the network's result is not used"
            screenshot(f"mask-{choice}")
            expect_result(opened, patch)


def at(patch, x, y):
    """The bytes of some pixels of a row of a patch, at a place in the whole result."""
    start = ((y - patch.frame.y) * patch.frame.width + x - patch.frame.x) * 4
    return slice(start, start + 40)


def masks_that_are_missing():
    """Without a selection or a mask the dialog says what is missing, and what it does instead of the last choice."""
    with Opened(mask="selection") as opened:
        opened.settled()
        assert opened.config.get_property("mask") == "" and "Nothing is selected now" in opened.dialog.notice.text
        missing = {"selection": "There is no selection; select a part", "layer-mask": "No chosen layer has a mask"}
        for choice, words in missing.items():
            opened.config.set_property("mask", choice)
            wait(lambda: words in opened.dialog.line.get_text(), words)
        select(opened.image, opened.layer)
        opened.config.set_property("mask", "selection")
        wait(lambda: not opened.preview.outdated, "the preview with a selection")
        opened.config.set_property("target", "in-place")
        opened.config.set_property("mask", "protect-selection")
        wait(lambda: "nothing is left" in opened.dialog.line.get_text(), "the refusal")
        opened.config.set_property("mask", "")
        opened.config.set_property("method", "bicubic")
        opened.config.set_property("target", "new-image")
        opened.config.set_property("mask", "selection")
        wait(lambda: "runs no network and ignores mask" in opened.dialog.line.get_text(), "the note about the method")


CASES = {
    "a new user": new_user,
    "advice": advice,
    "masks": masks,
    "masks that are missing": masks_that_are_missing,
}
