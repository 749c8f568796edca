"""A widget that shows a pixbuf with one pixel of it on each pixel of the screen, at any scale of the desktop.

GTK draws a pixbuf in units of the desktop, and so blurs it at a scale of 2. A cairo surface avoids that, but Python's binding
of cairo is not installed with every GIMP 3. So two functions of GTK are called without the binding. It must never fail because
they are missing: the picture is then only less sharp.
"""

import ctypes

from gi.repository import Gtk


def _functions():
    try:
        gdk, gtk = ctypes.CDLL("libgdk-3.so.0"), ctypes.CDLL("libgtk-3.so.0")
        cairo = ctypes.CDLL("libcairo.so.2")
        make, show = gdk.gdk_cairo_surface_create_from_pixbuf, gtk.gtk_image_set_from_surface
        free = cairo.cairo_surface_destroy
    except (OSError, AttributeError):
        return None
    make.argtypes, make.restype = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
    show.argtypes, show.restype = [ctypes.c_void_p, ctypes.c_void_p], None
    free.argtypes, free.restype = [ctypes.c_void_p], None
    return make, show, free


def _address(object):
    """The GObject behind an object of the binding."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.argtypes, pointer.restype = [ctypes.py_object, ctypes.c_char_p], ctypes.c_void_p
    return pointer(object.__gpointer__, None)


class PixelImage(Gtk.Image):
    def show_pixbuf(self, pixbuf):
        """Shows a pixbuf. Its size is in pixels of the screen."""
        scale = self.get_scale_factor()
        functions = _functions() if scale > 1 else None
        if functions is None:
            self.set_from_pixbuf(pixbuf)
            return
        make, show, free = functions
        surface = make(_address(pixbuf), scale, None)
        show(_address(self), surface)
        free(surface)
