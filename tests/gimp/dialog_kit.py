"""What the cases of the dialog share: the dialog for a photo on a real screen, its mouse, and pictures of the screen.

It waits for what it needs and never for a time; it fails if something does not come. It must never know a case.
"""

import os
import subprocess
import sys
import time

import gi

sys.path.insert(0, os.environ["ENLARGER_PLUG_IN"])
gi.require_version("Gegl", "0.4")
gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import GdkPixbuf, Gegl, Gimp, GimpUi, Gio, Gtk  # noqa: E402

SCREENSHOTS = os.environ["ENLARGER_SCREENSHOTS"]
PHOTO = "/enlarger/tests/data/cat.png"
# Seconds after which something hangs, also on a slow and busy machine.
LONG = 600

GimpUi.init("plug-in-enlarger")


def load(language=None):
    """Imports the plug-in; with a language, once more and in that language."""
    global Dialog, UPSCALERS, translation
    if language:
        os.environ["LANGUAGE"] = language
        for name in [name for name in sys.modules if name.partition(".")[0] in ("enlarger", "shim")]:
            del sys.modules[name]
    import shim.dialog
    from enlarger import translation
    from enlarger.upscaler_cache import UpscalerCache

    Dialog, UPSCALERS = shim.dialog.Dialog, UpscalerCache()


load()


def turn(until=lambda: False, seconds=LONG):
    """Runs the main loop until something is so; False if it does not come."""
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            return False
        while Gtk.events_pending():
            Gtk.main_iteration()
        time.sleep(0.005)
    return True


def wait(until, what):
    assert turn(until), f"waited {LONG} s for {what}"


class Opened:
    """The dialog for a photo, shown on the screen. `prepare` may change the image before."""

    def __init__(self, photo=PHOTO, prepare=lambda image, layer: None, **arguments):
        file = Gio.File.new_for_path(photo)
        self.image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
        self.layer = self.image.get_layers()[0]
        prepare(self.image, self.layer)
        procedure = Gimp.get_pdb().lookup_procedure("plug-in-enlarger")
        self.procedure, self.config = procedure, procedure.create_config()
        for name, value in {"target": "new-image", "factor": 3.0, **arguments}.items():
            self.config.set_property(name, value)
        self.dialog = Dialog(procedure, self.config, self.image, [self.layer], UPSCALERS)
        # Away from the dialog, where a tooltip would hide a part of it.
        subprocess.run(["xdotool", "mousemove", "2", "2"], check=True)
        self.dialog.window.show()
        self.pane = self.dialog.preview
        self.preview, self.view, self.thumbnail = self.pane.preview, self.pane.view, self.pane.thumbnail

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.dialog is not None:
            self.dialog.destroy()
            self.dialog = None
            self.image.delete()

    def settled(self, what="the preview", **settings):
        """Waits for the patch of the current settings, and returns it."""

        def there():
            patch, preview = self.preview.patch, self.preview
            if preview.problem is not None:
                raise AssertionError(f"{what}: {preview.problem}")
            quiet = self.dialog._pending is None and self.pane._timer is None
            return quiet and patch is not None and not preview.outdated and not preview.busy

        wait(there, what)
        for key, value in settings.items():
            assert str(self.preview.patch.settings.get(key)) == str(value), f"{what}: {self.preview.patch.settings}"
        return self.preview.patch

    def corner(self, widget):
        """The upper left corner of a widget on the screen, and the scale."""
        _, x, y = widget.get_window().get_origin()
        return x, y, widget.get_scale_factor()

    def mouse(self, *commands):
        """Uses the real mouse; ("at", widget, x, y) moves the pointer to a place in units of the desktop."""
        words = []
        for command in commands:
            if command[0] == "at":
                x, y, scale = self.corner(command[1])
                words += ["mousemove", "--sync", str((x + int(command[2])) * scale), str((y + int(command[3])) * scale)]
            else:
                words += command
        # The pointer may already be there; then xdotool would wait forever.
        running = subprocess.Popen(["timeout", "20", "xdotool", *(word for word in words if word != "--sync")])
        wait(lambda: running.poll() is not None, "the mouse")
        turn(seconds=0.1)


def screenshot(name):
    """Takes a picture of the screen when everything is drawn."""
    turn(seconds=0.3)
    path = f"{SCREENSHOTS}/{name}.png"
    subprocess.run(["import", "-window", "root", path], check=True)
    return GdkPixbuf.Pixbuf.new_from_file(path)


def part(picture, x, y, width, height):
    """The rows of red, green and blue of a part of a screenshot."""
    data, channels, row = picture.get_pixels(), picture.get_n_channels(), picture.get_rowstride()
    rows = []
    for line in range(y, y + height):
        start = line * row + x * channels
        pixels = data[start : start + width * channels]
        rows.append(b"".join(pixels[i : i + 3] for i in range(0, len(pixels), channels)))
    return rows


def opaque(pixels, width, left, right):
    """The rows of red, green and blue of some columns of a patch's pixels."""
    rows = []
    for start in range(0, len(pixels), width * 4):
        line = pixels[start + 4 * left : start + 4 * right]
        rows.append(b"".join(line[i : i + 3] for i in range(0, len(line), 4)))
    return rows


def on_screen(opened, name, left, right):
    """The columns of the view from a screenshot."""
    frame = opened.preview.patch.frame
    x, y, _ = opened.corner(opened.view)
    x += (opened.view.get_allocated_width() - frame.width) // 2 + left
    y += (opened.view.get_allocated_height() - frame.height) // 2
    return part(screenshot(name), x, y, right - left, frame.height)


def shows(opened, name, before, after):
    """Whether the screen shows the picture before in one range of columns, and the picture after in another one."""
    patch = opened.preview.patch
    width = patch.frame.width
    return (
        on_screen(opened, name, *before) == opaque(patch.before, width, *before)
        and on_screen(opened, name, *after) == opaque(patch.after, width, *after)
    )


def every(widget):
    yield widget
    if isinstance(widget, Gtk.Container):
        for child in widget.get_children():
            yield from every(child)


def read(layer, x, y, width, height):
    rect = Gegl.Rectangle.new(x, y, width, height)
    return bytes(layer.get_buffer().get(rect, 1.0, "R'G'B'A u8", Gegl.AbyssPolicy.NONE))


def expect_result(opened, patch, corner=(0, 0)):
    """Runs the procedure with the dialog's arguments; fails unless its result is what a patch showed, within 1/255.

    Arguments:
        corner: of the result in the whole of what the patch is a part of.
    """
    arguments = opened.procedure.create_config()
    arguments.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    arguments.set_property("image", opened.image)
    arguments.set_core_object_array("drawables", [opened.layer])
    for name in ("target", "preset", "model", "method", "factor", "width", "height", "options", "mask", "faces-left-out"):
        arguments.set_property(name, opened.config.get_property(name))
    opened.dialog.preview.close()
    values = opened.procedure.run(arguments)
    assert values.index(0) == Gimp.PDBStatusType.SUCCESS, Gimp.get_pdb().get_last_error()
    result, frame = values.index(1), patch.frame
    made = read(result.get_layers()[0], frame.x - corner[0], frame.y - corner[1], frame.width, frame.height)
    worst = max(abs(a - b) for a, b in zip(made, patch.after))
    assert len(made) == len(patch.after) and worst <= 1, f"the result differs from the preview by {worst}/255"
    if result.get_id() != opened.image.get_id():
        result.delete()
