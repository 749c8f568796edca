"""The tests in Krita's own window, which `driver` runs one after the other."""

from .dialogs import dialog, long_scaling, menus
from .targets import in_place, linked_file, new_document, new_layer, same_size, simple_document, whole_document
from .meanwhile import alive, cancel, changed_meanwhile, closed_meanwhile, quit_meanwhile
from .failures import engine_fails, engine_panics, krita_fails, library_missing, memory_limit
from .measurements import photo, speed

# By level: on the plain canvas, and on the one by OpenGL.
TESTS = {
    "driver": [
        library_missing,
        menus,
        dialog,
        long_scaling,
        whole_document,
        simple_document,
        same_size,
        new_layer,
        linked_file,
        new_document,
        in_place,
        alive,
        cancel,
        closed_meanwhile,
        changed_meanwhile,
        quit_meanwhile,
        engine_fails,
        memory_limit,
        krita_fails,
    ],
    "opengl": [whole_document, simple_document, new_document, engine_panics],
}
# Only when they are asked for by their names.
MEASUREMENTS = [speed, photo]
