"""The view of a patch: before and after with a divider to drag, and the source while a button is held.

It shows what it is given and must never compute a pixel.
"""

from gi.repository import Gdk, Gtk

from enlarger.divider import divider_at, divider_moved, divider_pixel, divider_taken
from enlarger.face_outline import outline_at, outlines
from enlarger.translation import _

from .face_lines import with_outlines
from .pixbufs import BLACK, WHITE, fill, pixbuf_of, shown
from .pixel_image import PixelImage

# In units of the desktop.
WIDTH, HEIGHT = 400, 360
# A press that ends after so many milliseconds, and so many units of the desktop away, is a click.
CLICK, STILL = 400, 4

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
        switch: called with the Face that the user clicks.
    """

    def __init__(self, move, zoom, switch):
        super().__init__(can_focus=True, above_child=True)
        self._move, self._choose_zoom, self._switch = move, zoom, switch
        self._image = PixelImage()
        self.set_size_request(WIDTH, HEIGHT)
        self.add(self._image)
        self.get_accessible().set_name(_("Before and after"))
        self._views, self._size, self._place = None, (0, 0), 0.5
        # The outlines of faces, the faces that are left out, and the pictures with the lines; where a press on a face began.
        self._outlines, self._left_out, self._drawn, self._press = [], [], None, None
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
        self.connect("button-release-event", lambda _, event: self._button_released(event))
        self.connect("motion-notify-event", lambda _, event: self._pointer_moved(event))
        self.connect("key-press-event", lambda _, event: self._key(event, True))
        self.connect("key-release-event", lambda _, event: self._key(event, False))
        self.connect("focus-out-event", lambda *_: self._released())
        self.connect("notify::scale-factor", lambda *_: self._draw_outlines())

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
        self._outlines = outlines(patch, zoom)
        self._draw_outlines()

    def show_left_out(self, faces):
        """Shows which faces are left out."""
        if faces != self._left_out:
            self._left_out = faces
            self._draw_outlines()

    def _draw_outlines(self):
        if self._views is None:
            return
        self._drawn = with_outlines(self._views[:2], self._outlines, self._left_out, self.get_scale_factor())
        self._draw()

    def _draw(self):
        if self._drawn is None:
            return
        if self._holding:
            self._image.show_pixbuf(self._views[2])
            return
        before, after = self._drawn
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

    def _y(self, event):
        scale = self.get_scale_factor()
        return event.y * scale - (self.get_allocated_height() * scale - self._size[1]) / 2

    def _outline_at(self, event):
        return outline_at(self._outlines, self._x(event), self._y(event))

    def _pressed(self, event):
        if event.button != 1 or event.type != Gdk.EventType.BUTTON_PRESS:
            return False
        self.grab_focus()
        if divider_taken(self._x(event), self._place, self._size[0], 8 * self.get_scale_factor()):
            self._dragging = True
        else:
            self._press = event.time, event.x, event.y
            self._holding = True
            self._draw()
        return True

    def _button_released(self, event):
        """A click on a face leaves it out or takes it in again; a longer press has only shown the source."""
        press, self._press = self._press, None
        self._released()
        if press is not None and event.button == 1:
            began, x, y = press
            outline = self._outline_at(event)
            near = max(abs(event.x - x), abs(event.y - y)) <= STILL
            if outline is not None and near and event.time - began <= CLICK:
                self._switch(outline.face)
        return False

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
        name = "col-resize" if near else "pointer" if self._outline_at(event) else "default"
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
