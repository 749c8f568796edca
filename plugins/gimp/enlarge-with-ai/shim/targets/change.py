"""Changes of an image: one step to undo, whatever is selected, locked or not active."""

import contextlib

from gi.repository import Gimp


@contextlib.contextmanager
def changing(image):
    """One step to undo, during which nothing is selected; the selection is there again afterwards, as large as the image
    is then.
    """
    image.undo_group_start()
    Gimp.context_push()
    saved = None
    try:
        if not Gimp.Selection.is_empty(image):
            saved = Gimp.Selection.save(image)
            Gimp.Selection.none(image)
        yield
    finally:
        if saved is not None:
            image.select_item(Gimp.ChannelOps.REPLACE, saved)
            image.remove_channel(saved)
        Gimp.context_pop()
        image.undo_group_end()


@contextlib.contextmanager
def all_components(image):
    """All components are written, also those that are not active in the Channels dialog: an old green on new red and
    blue would be no enlargement.
    """
    channels = Gimp.ChannelType
    gray = image.get_base_type() == Gimp.ImageBaseType.GRAY
    colours = (channels.GRAY,) if gray else (channels.RED, channels.GREEN, channels.BLUE)
    passive = [component for component in (*colours, channels.ALPHA) if not image.get_component_active(component)]
    for component in passive:
        image.set_component_active(component, True)
    try:
        yield
    finally:
        for component in passive:
            image.set_component_active(component, False)


@contextlib.contextmanager
def unlocked(layer):
    """A layer that can be moved and all of whose pixels can be written. Its locks are as they were afterwards."""
    content, alpha, position = layer.get_lock_content(), layer.get_lock_alpha(), layer.get_lock_position()
    layer.set_lock_content(False)
    layer.set_lock_alpha(False)
    layer.set_lock_position(False)
    try:
        yield
    finally:
        layer.set_lock_content(content)
        layer.set_lock_alpha(alpha)
        layer.set_lock_position(position)
