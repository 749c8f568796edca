"""Which of the selected layers AI enlarges, and which are left to GIMP.

A group stands for its layers. GIMP draws text and some other layers sharp in any size, so they are left to it. That must
never happen silently.
"""

from gi.repository import Gimp

# Layers that GIMP draws. Not every version of GIMP has all of these classes.
DRAWN = tuple(getattr(Gimp, name) for name in ("TextLayer", "VectorLayer", "LinkLayer") if hasattr(Gimp, name))


def eligible_layers(image, drawables):
    """The layers that AI enlarges, from the top of the image down, and the names of those that are left to GIMP."""
    wanted = {layer.get_id() for layer in leaves(drawables)}
    enlarged, skipped = [], []
    for layer in leaves(image.get_layers()):
        if layer.get_id() in wanted:
            if isinstance(layer, DRAWN):
                skipped.append(layer.get_name())
            else:
                enlarged.append(layer)
    return enlarged, skipped


def leaves(items):
    """The layers that items stand for: a group for its layers, a mask for its layer, a channel for none."""
    for item in items:
        if item.is_group():
            yield from leaves(item.get_children())
        elif isinstance(item, Gimp.LayerMask):
            yield Gimp.Layer.from_mask(item)
        elif isinstance(item, Gimp.Layer):
            yield item


def bounds(layer):
    """Left, top, width and height on the canvas."""
    _, x, y = layer.get_offsets()
    return x, y, layer.get_width(), layer.get_height()
