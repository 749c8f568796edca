"""The dialog and its preview inside a real GIMP 3, with real layers, a real screen and a real mouse.

The script `dialog` runs it.
"""

import gettext
import os
import subprocess
import sys
import time
import traceback

sys.path.insert(0, "/enlarger/tests/gimp")

import advice_cases  # noqa: E402
import dialog_kit  # noqa: E402
import face_cases  # noqa: E402
from dialog_kit import (  # noqa: E402
    SCREENSHOTS,
    Opened,
    every,
    expect_result,
    on_screen,
    opaque,
    part,
    screenshot,
    shows,
    turn,
    wait,
)
from gi.repository import Gimp, GLib, Gtk  # noqa: E402

SOAK = float(os.environ.get("ENLARGER_SOAK", "60"))


def opens():
    """The dialog fits on a small screen and shows before and after, pixel by pixel."""
    with Opened() as opened:
        patch = opened.settled()
        width, height = opened.dialog.window.get_size()
        assert width <= 1280 and height <= 690, f"{width}x{height} is too large for a screen of 1280x720"
        assert patch.before != patch.after
        assert shows(opened, "dialog-opened", (0, 150), (250, 400)), "the screen does not show before and after"
        assert "pixels" in opened.dialog.line.get_text()
        for expander in (child for child in every(opened.dialog.window) if isinstance(child, Gtk.Expander)):
            expander.set_expanded(True)
        assert opened.dialog.pages.get_current_page() == 0
        screenshot("dialog-more")
        width, height = opened.dialog.window.get_size()
        assert width <= 1280 and height <= 690, f"with all options it is {width}x{height}"
        opened.dialog.pages.set_current_page(1)
        screenshot("dialog-advanced")


def without_help():
    """Everything that can be used has a tooltip; buttons of GIMP and texts need none."""
    with Opened() as opened:
        opened.settled()
        for widget in every(opened.pane):
            if isinstance(widget, (Gtk.Button, Gtk.ComboBoxText)) and widget.get_parent() is not opened.pane.layers:
                assert widget.get_tooltip_text(), widget
        assert opened.thumbnail.get_tooltip_text() and opened.view.get_parent().get_children()[0].get_tooltip_text()
        for widget in (*opened.dialog.grid.get_children(), *opened.dialog.more.get_children()):
            assert widget.get_tooltip_text(), widget
        for widget in opened.dialog.advanced.get_children():
            assert widget.get_tooltip_text(), widget


def texts(widget):
    """All texts of a widget and those in it, also tooltips, without the marks for the keyboard."""
    for one in every(widget):
        found = [one.get_tooltip_text(), one.get_accessible().get_name()]
        if isinstance(one, (Gtk.Label, Gtk.Button, Gtk.Expander)):
            found.append(one.get_label())
        if isinstance(one, Gtk.ComboBoxText):
            found += [row[0] for row in one.get_model()]
        if isinstance(one, Gtk.Notebook):
            found += [one.get_tab_label(page).get_label() for page in one.get_children()]
        yield from (text.replace("_", "") for text in found if text)


def english_texts(language):
    """The texts that must not be seen in another language."""
    with open(gettext.find(dialog_kit.translation.DOMAIN, dialog_kit.translation.FOLDER, [language]), "rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog
    pairs = [(one.replace("_", ""), other.replace("_", "")) for one, other in catalog.items() if isinstance(one, str)]
    # GIMP's own buttons, in a GIMP without translations.
    return {one for one, other in pairs if one != other} - {other for _, other in pairs} - {"Cancel", "Close"}


def translated(language, result, registered=True):
    """The dialog speaks a language and fits on a small screen; returns the menu's label.

    Arguments:
        result: how the sentence about the result begins.
        registered: whether GIMP began in this language: it makes the row of the target from what was registered then.
    """
    with Opened(factor=2.0) as opened:
        opened.settled()
        expander = next(child for child in every(opened.dialog.window) if isinstance(child, Gtk.Expander))
        for opened_up in (False, True):
            expander.set_expanded(opened_up)
            screenshot(f"dialog-{language}-{'more' if opened_up else 'opened'}")
            width, height = opened.dialog.window.get_size()
            assert width <= 1280 and height <= 690, f"{width}x{height} in {language} is too large for a screen of 1280x720"
        opened.dialog.pages.set_current_page(1)
        screenshot(f"dialog-{language}-advanced")
        width, height = opened.dialog.window.get_size()
        assert width <= 1280 and height <= 690, f"the page Advanced makes it {width}x{height} in {language}"
        left = english_texts(language) & set(texts(opened.dialog.window))
        if not registered:
            left -= set(texts(opened.dialog.grid.get_parent().get_children()[0]))
        assert not left, f"in English: {left}"
        assert result in opened.dialog.line.get_text(), opened.dialog.line.get_text()
        return opened.procedure.get_menu_label()


def german():
    """In German, chosen before GIMP began: also the menu."""
    label = translated("de", "Das Ergebnis hat")
    assert label == "Mit KI _vergrößern\u00a0…", label


def french():
    """In French."""
    dialog_kit.load("fr")
    try:
        translated("fr", "Le résultat mesure", registered=False)
    finally:
        dialog_kit.load("en")


def frame():
    """A click and a drag on the small picture move the frame, and so do keys."""
    with Opened() as opened:
        first = opened.settled()
        x, y = opened.thumbnail.get_allocated_width() / 2, opened.thumbnail.get_allocated_height() / 2
        opened.mouse(
            ("at", opened.thumbnail, x, y), ["mousedown", "1"], ("at", opened.thumbnail, x - 60, y - 40),
            ("at", opened.thumbnail, x - 300, y - 300), ["mouseup", "1"],
        )
        dragged = opened.settled("the dragged frame")
        assert (dragged.frame.x, dragged.frame.y) == (0, 0) != (first.frame.x, first.frame.y), dragged.frame
        assert dragged.after != first.after
        opened.mouse(["key", "Right"], ["key", "Down"])
        wait(lambda: opened.settled().frame.x > 0 and opened.settled().frame.y > 0, "the keys to move the frame")


def divider():
    """The divider follows the mouse; holding the button elsewhere shows the source; a key makes everything larger."""
    with Opened() as opened:
        patch = opened.settled()
        assert shows(opened, "divider", (0, 190), (210, 400))
        opened.mouse(
            ("at", opened.view, 200, 100), ["mousedown", "1"], ("at", opened.view, 150, 100),
            ("at", opened.view, 100, 100), ["mouseup", "1"],
        )
        assert shows(opened, "divider-dragged", (0, 90), (110, 400)), "the divider was not dragged"
        opened.mouse(("at", opened.view, 300, 200), ["mousedown", "1"])
        source = opaque(patch.source, patch.frame.width, 0, 400)
        assert on_screen(opened, "source-held", 0, 400) == source, "holding the button does not show the source"
        opened.mouse(["mouseup", "1"])
        assert shows(opened, "source-released", (0, 90), (110, 400)), "the source stays"
        opened.mouse(["key", "2"])
        wait(lambda: opened.settled().frame.width == 200, "the zoom of 2:1")
        larger = opened.settled()
        assert abs(larger.frame.x + 100 - patch.frame.x - 200) <= 1, "the zoom moves the frame"
        width, height = opened.dialog.window.get_size()
        assert width <= 1280 and height <= 690, f"after the zoom the dialog is {width}x{height}"
        screenshot("zoomed")


def options():
    """The preview follows the preset; of twenty quick changes the last one wins."""
    with Opened() as opened:
        natural = opened.settled()
        opened.dialog.network["preset"].set_active_id("crisp")
        wait(lambda: opened.settled().settings.get("preset") == "crisp", "the preset")
        assert opened.settled().after != natural.after
        for strength in range(5, 101, 5):
            opened.dialog._set_option("strength", str(strength))
            turn(seconds=0.02)
        last = opened.settled("the last of twenty changes", strength=100, preset="crisp")
        assert last.after != last.before
        opened.config.set_property("width", 1 << 20)
        wait(lambda: "is outside 0.1 to 16" in opened.dialog.line.get_text(), "the refusal")
        assert opened.preview.outdated
        screenshot("dialog-refused")
        opened.config.set_property("width", 0)
        opened.config.set_property("factor", 2.0)
        wait(lambda: not opened.preview.outdated, "the preview after the refusal")
        assert opened.settled().size == (2 * opened.layer.get_width(), 2 * opened.layer.get_height())


def comparison():
    """The sheet shows each preset; a click on one chooses it."""
    with Opened() as opened:
        opened.settled()
        seen = []

        def click():
            sheet = opened.pane._sheet
            if sheet is None or opened.preview.busy or len(opened.preview.cells) < len(sheet._cells):
                return True
            seen.extend(cell.patch.after for cell in opened.preview.cells if cell.patch)
            width, height = sheet.get_size()
            assert width <= 1280 and height <= 690, f"the sheet has {width}x{height}"
            GLib.timeout_add(300, choose, sheet)
            return False

        def choose(sheet):
            subprocess.run(["import", "-window", "root", f"{SCREENSHOTS}/sheet.png"], check=True)
            clean = next(cell for cell in sheet._cells if cell.choice.settings.get("preset") == "clean")
            clean.clicked()
            return False

        GLib.timeout_add(50, click)
        opened.pane.compare.clicked()
        assert len(seen) >= 6 and len(set(seen)) >= 3, f"{len(seen)} pictures, {len(set(seen))} different ones"
        assert opened.config.get_property("preset") == "clean"
        wait(lambda: opened.settled().settings.get("preset") == "clean", "the chosen preset")
        assert opened.settled().level is not None
        screenshot("chosen-preset")


def equals():
    """The result of the job is what the preview showed."""
    for target, settings in (
        ("new-image", {}),
        ("new-image", {"preset": "clean", "factor": 2.0}),
        ("selection", {"factor": 3.7}),
        ("image", {"preset": "crisp", "factor": 2.0, "options": "strength=60"}),
    ):
        with Opened(**settings) as opened:
            if target == "selection":
                opened.image.select_rectangle(Gimp.ChannelOps.REPLACE, 31, 17, 120, 90)
            opened.config.set_property("target", target)
            patch = opened.settled()
            wait(lambda: opened.preview.patch.settings is not None and opened.settled() is not None, "the target")
            patch = opened.settled()
            corner = (0, 0)
            if target == "selection":
                corner = tuple(int(side * 3.7 + 0.5) for side in (31, 17))
            expect_result(opened, patch, corner)


def closing():
    """Closing while it works does not wait, and leaves nothing that fails later."""
    for _ in range(3):
        opened = Opened(options="tile=32")
        wait(lambda: opened.preview.busy, "the preview to begin")
        began = time.monotonic()
        opened.close()
        assert time.monotonic() - began < 10, "closing waited for the preview"
        turn(seconds=0.2)


def dark():
    """How it looks with a dark theme."""
    settings = Gtk.Settings.get_default()
    settings.set_property("gtk-application-prefer-dark-theme", True)
    with Opened() as opened:
        opened.settled()
        screenshot("dialog-dark")
    settings.set_property("gtk-application-prefer-dark-theme", False)


def soak():
    """Memory stays flat during many changes."""

    def memory():
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    with Opened() as opened:
        changes = 0

        def change():
            nonlocal changes
            changes += 1
            opened.dialog._set_option("strength", str(changes % 20 * 5 + 5))
            opened.pane._look_at(changes * 37 % 300, changes * 53 % 225)
            opened.settled("a change")

        for _ in range(6):
            change()
        before, until = memory(), time.monotonic() + SOAK
        while time.monotonic() < until or changes < 12:
            change()
        after = memory()
        print(f"gimp: dialog: {changes} changes, {before:.0f} MiB, then {after:.0f} MiB", flush=True)
        assert after - before < 40, "the memory grows"


def large():
    """At a scale of 200 %: one pixel of the result on one pixel of the screen."""
    with Opened(factor=4.0) as opened:
        patch = opened.settled()
        assert opened.view.get_scale_factor() == 2
        assert (patch.frame.width, patch.frame.height) == (800, 720), patch.frame
        x, y, scale = opened.corner(opened.view)
        left = scale * x + (scale * opened.view.get_allocated_width() - patch.frame.width) // 2
        top = scale * y + (scale * opened.view.get_allocated_height() - patch.frame.height) // 2
        picture, before = screenshot("dialog-200"), opaque(patch.before, patch.frame.width, 0, 300)
        # GTK rounds the place in the middle to units of the desktop or to pixels.
        near = [(left + dx, top + dy) for dx in range(-scale, scale + 1) for dy in range(-scale, scale + 1)]
        assert any(part(picture, *place, 300, patch.frame.height) == before for place in near), (
            f"the pixels are not those of the patch at {left}, {top}"
        )


CASES = {
    "opens": opens,
    "tooltips": without_help,
    "French": french,
    "frame": frame,
    "divider": divider,
    "options": options,
    "comparison": comparison,
    "the result equals": equals,
    **advice_cases.CASES,
    **face_cases.CASES,
    "closing": closing,
    "dark theme": dark,
    "soak": soak,
}
# The script starts GIMP in German for them.
LARGE = {"200 percent": large, "German": german}


def main():
    failed = 0
    cases = LARGE if os.environ.get("GDK_SCALE") == "2" else CASES
    only = os.environ.get("ENLARGER_GIMP_ONLY")
    for name, case in cases.items():
        if only and only != name:
            continue
        began = time.monotonic()
        try:
            case()
            print(f"gimp: dialog: {name}: ok, {time.monotonic() - began:.0f} s", flush=True)
        except Exception as problem:
            failed += 1
            print(f"gimp: dialog: {name}: FAILED: {problem}", flush=True)
            traceback.print_exc()
            screenshot("failed-" + name.replace(" ", "-"))
    print(f"gimp: dialog: {len(cases)} cases, {failed} failed", flush=True)


main()
