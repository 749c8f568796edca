"""The view of a patch: before and after with a divider to drag, and the source while a button is held.

It shows what it is given and must never compute a pixel.
"""

from gi.repository import Gdk, Gtk

from enlarger.divider import divider_at, divider_moved, divider_pixel, divider_taken
from enlarger.translation import _

from .pixbufs import BLACK, WHITE, fill, pixbuf_of, shown
from .pixel_image import PixelImage

# In units of the desktop.
WIDTH, HEIGHT = 400, 360

# Not the tooltip of the view, where it would hide what the user looks at.
HELP = _(
    "Left of the divider: the part in the frame, enlarged without a network (bicubic). Right of it: the result.\n\n"
    "Drag the divider, or click the picture and press Ctrl+Left or Ctrl+Right.\n"
    "Hold the mouse button elsewhere, or the space bar, to see the source.\n"
    "The arrow keys move the frame. The keys 1 and 2 choose the zoom."
)


class CompareView(Gtk.EventBox):
    """The view.

    Arguments:
        move: called with steps to the right and down when an arrow key moves the frame.
        zoom: called with 1 or 2 when a key chooses the zoom.
    """

    def __init__(self, move, zoom):
        super().__init__(can_focus=True, above_child=True)
        self._move, self._choose_zoom = move, zoom
        self._image = PixelImage()
        self.set_size_request(WIDTH, HEIGHT)
        self.add(self._image)
        self.get_accessible().set_name(_("Before and after"))
        self._views, self._size, self._place = None, (0, 0), 0.5
        self._dragging = self._holding = False
        events = Gdk.EventMask
        self.add_events(
            events.BUTTON_PRESS_MASK
            | events.BUTTON_RELEASE_MASK
            | events.POINTER_MOTION_MASK
            | events.KEY_PRESS_MASK
            | events.KEY_RELEASE_MASK
        )
        self.connect("button-press-event", lambda _, event: self._pressed(event))
        self.connect("button-release-event", lambda _, event: self._released())
        self.connect("motion-notify-event", lambda _, event: self._pointer_moved(event))
        self.connect("key-press-event", lambda _, event: self._key(event, True))
        self.connect("key-release-event", lambda _, event: self._key(event, False))
        self.connect("focus-out-event", lambda *_: self._released())
        self.connect("notify::scale-factor", lambda *_: self._draw())

    def pixels(self):
        """The size of the view in pixels of the screen."""
        scale = self.get_scale_factor()
        return WIDTH * scale, HEIGHT * scale

    def show_patch(self, patch, zoom, greyed):
        """Shows a Patch, greyed if it is not of the current settings."""
        self._size = patch.frame.width * zoom, patch.frame.height * zoom
        self._views = [
            shown(pixbuf_of(pixels, patch.frame.width, patch.frame.height), zoom, greyed)
            for pixels in (patch.before, patch.after, patch.source)
        ]
        self._draw()

    def _draw(self):
        if self._views is None:
            return
        before, after, source = self._views
        if self._holding:
            self._image.show_pixbuf(source)
            return
        (width, height), scale = self._size, self.get_scale_factor()
        at = divider_pixel(self._place, width)
        composed = after.copy()
        if at:
            before.copy_area(0, 0, at, height, composed, 0, 0)
        fill(composed, at - scale, 0, 3 * scale, height, BLACK)
        fill(composed, at, 0, scale, height, WHITE)
        self._image.show_pixbuf(composed)

    def _x(self, event):
        """The pointer in pixels of the picture, which is in the middle of the view."""
        scale = self.get_scale_factor()
        return event.x * scale - (self.get_allocated_width() * scale - self._size[0]) / 2

    def _pressed(self, event):
        if event.button != 1 or event.type != Gdk.EventType.BUTTON_PRESS:
            return False
        self.grab_focus()
        if divider_taken(self._x(event), self._place, self._size[0], 8 * self.get_scale_factor()):
            self._dragging = True
        else:
            self._holding = True
            self._draw()
        return True

    def _released(self):
        self._dragging = False
        if self._holding:
            self._holding = False
            self._draw()
        return False

    def _pointer_moved(self, event):
        x = self._x(event)
        if self._dragging:
            self._set_place(divider_at(x, self._size[0]))
        near = self._dragging or divider_taken(x, self._place, self._size[0], 8 * self.get_scale_factor())
        name = "col-resize" if near else "default"
        self.get_window().set_cursor(Gdk.Cursor.new_from_name(self.get_display(), name))
        return self._dragging

    def _set_place(self, place):
        self._place = place
        self._draw()

    def _key(self, event, down):
        key = event.keyval
        steps = {Gdk.KEY_Left: (-1, 0), Gdk.KEY_Right: (1, 0), Gdk.KEY_Up: (0, -1), Gdk.KEY_Down: (0, 1)}.get(key)
        if key == Gdk.KEY_space:
            if self._holding != down:
                self._holding = down
                self._draw()
        elif not down:
            return False
        elif steps and event.state & Gdk.ModifierType.CONTROL_MASK:
            self._set_place(divider_moved(self._place, steps[0]))
        elif steps:
            self._move(*steps)
        elif key in (Gdk.KEY_1, Gdk.KEY_KP_1):
            self._choose_zoom(1)
        elif key in (Gdk.KEY_2, Gdk.KEY_KP_2):
            self._choose_zoom(2)
        else:
            return False
        return True
