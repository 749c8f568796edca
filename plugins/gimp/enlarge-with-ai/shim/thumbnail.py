"""The picture, small, with the frame of the preview to drag or to click."""

from gi.repository import Gdk, Gimp, Gtk

from enlarger.frame import fitted, from_thumbnail, on_thumbnail
from enlarger.geometry import rounded
from enlarger.translation import _

from .pixbufs import BLACK, WHITE, outline
from .pixel_image import PixelImage

# In units of the desktop.
SIDE = 168

HELP = _("Click or drag to choose the part that the preview shows. The arrow keys move it.")


class Thumbnail(Gtk.EventBox):
    """The small picture.

    Arguments:
        look_at: called with a point of the source, in its pixels, that the user chose.
        move: called with steps to the right and down when an arrow key moves the frame.
    """

    def __init__(self, look_at, move):
        super().__init__(can_focus=True, above_child=True, tooltip_text=HELP)
        self._look_at, self._move = look_at, move
        self._image = PixelImage()
        self.add(self._image)
        self.set_size_request(SIDE, SIDE)
        self.get_accessible().set_name(_("The part that the preview shows"))
        self._layer, self._picture, self._frame, self._pixbuf, self._dragging = None, None, None, None, False
        events = Gdk.EventMask
        self.add_events(
            events.BUTTON_PRESS_MASK
            | events.BUTTON_RELEASE_MASK
            | events.POINTER_MOTION_MASK
            | events.KEY_PRESS_MASK
        )
        self.connect("button-press-event", lambda _, event: self._pressed(event))
        self.connect("button-release-event", lambda *_: self._released())
        self.connect("motion-notify-event", lambda _, event: self._dragging and self._choose(event))
        self.connect("key-press-event", lambda _, event: self._key(event))

    def show_layer(self, layer):
        """Shows another layer."""
        box = SIDE * self.get_scale_factor()
        if layer is None or (self._layer is layer and self._box == box):
            return
        self._layer, self._box = layer, box
        self._picture = layer.get_width(), layer.get_height()
        size = fitted(self._picture, (box, box))
        self._pixbuf = layer.get_thumbnail(*(max(side, 1) for side in size), Gimp.PixbufTransparency.SMALL_CHECKS)
        self._draw()

    def show_frame(self, frame, result):
        """Shows where a frame lies, in pixels of a result of this size."""
        self._frame = frame, result
        self._draw()

    def _size(self):
        return self._pixbuf.get_width(), self._pixbuf.get_height()

    def _draw(self):
        if self._pixbuf is None:
            return
        drawn = self._pixbuf.copy()
        if self._frame is not None:
            scale = self.get_scale_factor()
            x, y, width, height = on_thumbnail(*self._frame, self._size())
            left, top = rounded(x), rounded(y)
            # A frame that is smaller than its border could not be seen.
            width, height = max(rounded(x + width) - left, 5 * scale), max(rounded(y + height) - top, 5 * scale)
            outline(drawn, left - scale, top - scale, width + 2 * scale, height + 2 * scale, BLACK, scale)
            outline(drawn, left, top, width, height, WHITE, scale)
        self._image.show_pixbuf(drawn)

    def _pressed(self, event):
        if event.button != 1 or self._pixbuf is None:
            return False
        self.grab_focus()
        self._dragging = True
        return self._choose(event)

    def _released(self):
        self._dragging = False
        return False

    def _choose(self, event):
        scale, (width, height) = self.get_scale_factor(), self._size()
        x = event.x * scale - (self.get_allocated_width() * scale - width) / 2
        y = event.y * scale - (self.get_allocated_height() * scale - height) / 2
        self._look_at(*from_thumbnail(x, y, (width, height), self._picture))
        return True

    def _key(self, event):
        steps = {Gdk.KEY_Left: (-1, 0), Gdk.KEY_Right: (1, 0), Gdk.KEY_Up: (0, -1), Gdk.KEY_Down: (0, 1)}
        if event.keyval not in steps:
            return False
        self._move(*steps[event.keyval])
        return True
