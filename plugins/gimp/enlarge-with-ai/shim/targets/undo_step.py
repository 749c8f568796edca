"""Changes of an image as one undo step, whatever is selected, locked or inactive.

Selection, locks and active components must be the same afterwards.
"""

import contextlib

from gi.repository import Gimp


@contextlib.contextmanager
def one_undo_step(image):
    """Makes one undo step of all changes inside. Nothing is selected meanwhile; the selection is restored afterwards, scaled
    with the image.
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
    """Activates all components, also those that are inactive in the Channels dialog: new red and blue on the old green
    would be wrong.
    """
    channels = Gimp.ChannelType
    gray = image.get_base_type() == Gimp.ImageBaseType.GRAY
    colours = (channels.GRAY,) if gray else (channels.RED, channels.GREEN, channels.BLUE)
    inactive = [component for component in (*colours, channels.ALPHA) if not image.get_component_active(component)]
    for component in inactive:
        image.set_component_active(component, True)
    try:
        yield
    finally:
        for component in inactive:
            image.set_component_active(component, False)


@contextlib.contextmanager
def unlocked(layer):
    """Unlocks a layer, so that it can be moved and all of its pixels can be written; restores its locks afterwards."""
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
