"""Which of the chosen items are enlarged by AI, and where they are.

Groups stand for what is in them. Text and other layers that GIMP draws anew in any size are left to GIMP, which is
sharper; that is said, not done silently.
"""

from gi.repository import Gimp

# Classes that not every GIMP has.
DRAWN = tuple(
    getattr(Gimp, name) for name in ("TextLayer", "VectorLayer", "LinkLayer") if hasattr(Gimp, name)
)


def enlargeable(image, drawables):
    """The layers to enlarge, from the top of the image down, and the names of those that are left to GIMP."""
    wanted = {layer.get_id() for layer in leaves(drawables)}
    chosen, left = [], []
    for layer in leaves(image.get_layers()):
        if layer.get_id() in wanted:
            if isinstance(layer, DRAWN):
                left.append(layer.get_name())
            else:
                chosen.append(layer)
    return chosen, left


def leaves(items):
    """Layers without groups. A mask stands for its layer, a channel for nothing."""
    for item in items:
        if item.is_group():
            yield from leaves(item.get_children())
        elif isinstance(item, Gimp.LayerMask):
            yield Gimp.Layer.from_mask(item)
        elif isinstance(item, Gimp.Layer):
            yield item


def place(layer):
    """Left, top, width and height on the canvas."""
    _, x, y = layer.get_offsets()
    return x, y, layer.get_width(), layer.get_height()
