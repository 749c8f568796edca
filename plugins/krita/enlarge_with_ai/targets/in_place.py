"""Restores at the same size, inside the selection. Partly selected pixels become a mixture of old and new.

Pixels outside the selection must not change at all.
"""

from dataclasses import replace

from ..display import SCREEN
from ..enlarger import Rect
from ..enlarger.errors import invalid
from ..enlarger.mask_choice import EVERYWHERE, SELECTION, require_rest
from ..enlarger.translation import _
from ..mix import mix
from ..refused_layers import NOT_CHANGED, Layers
from ..source import Source, read_pixels, write_pixels
from .target import Target

# How many pixels are mixed in one turn of the event loop.
TURN = 1 << 15


class InPlace(Target):
    """The restored layers.

    Arguments:
        layers: a Layers.
    """

    def __init__(self, document, layers):
        nodes = [node for node in layers.enlarged if not node.locked()]
        locked = [(node.name(), _("it is locked")) for node in layers.enlarged if node.locked()]
        parts = [(source, part) for source in map(Source, nodes) for part in [selected(document, source.rect)] if part]
        if not parts:
            raise invalid(
                _("the chosen layers are locked; unlock one")
                if not nodes
                else _("the selection does not touch the chosen layers; select a part of them, or nothing")
            )
        layers = Layers(nodes, layers.skipped + locked)
        super().__init__(document, [source for source, part in parts], layers, NOT_CHANGED)
        self.size = document.width(), document.height()
        self._rects = [part for source, part in parts]
        self._masks = {}
        self._made = {}

    def snapshot(self):
        super().snapshot()
        selection = self.document.selection()
        for key, part in enumerate(self._rects):
            area = part.x, part.y, part.width, part.height
            self._masks[key] = selection.pixelData(*area).data() if selection is not None else None

    def use_mask(self, choice):
        # The result is mixed by the selection anyway.
        require_rest(choice)
        super().use_mask(EVERYWHERE if choice.origin == SELECTION else choice)

    def pictures(self):
        return self.as_chosen(
            source.picture(
                key, Rect(part.x - source.rect.x, part.y - source.rect.y, part.width, part.height), factor=1.0
            )
            for key, (source, part) in enumerate(zip(self.sources, self._rects))
        )

    def as_applied(self, picture, patch):
        selection, rect = self.document.selection(), self.sources[picture.key].rect
        if selection is None:
            return patch
        frame = patch.frame
        mask = selection.pixelData(rect.x + frame.x, rect.y + frame.y, frame.width, frame.height).data()
        return replace(patch, after=mix(patch.source, patch.after, mask, SCREEN))

    def begin(self, results):
        super().begin(results)
        for result in results:
            part = self._rects[result.picture.key]
            if (result.width, result.height) != (part.width, part.height):
                raise RuntimeError(
                    f"the result has another size ({result.width} x {result.height}); please report this"
                )
        for key, source in enumerate(self.sources):
            self._made[key] = source.duplicate()

    def write(self, result, rect, pixels):
        self.require_open()
        key = result.picture.key
        space, part = self.sources[key].space, self._rects[key]
        native = space.from_library(pixels, rect.width, rect.height)
        write_pixels(self._made[key], part.x + rect.x, part.y + rect.y, rect.width, rect.height, space, native)

    def abandon(self):
        self._made.clear()

    def apply(self):
        for key in self._made:
            yield from self._mix(key)
        self.require_unchanged()
        active = self.document.activeNode()
        active = active.uniqueId() if active is not None else None
        for key, source in enumerate(self.sources):
            made, node = self._made[key], source.node
            if not node.parentNode().addChildNode(made, node):
                raise RuntimeError("Krita could not add a layer; please report this")
            self.steps += 1
            if not node.remove():
                raise RuntimeError("Krita could not remove a layer; please report this")
            self.steps += 1
            if active == source.identifier:
                active = made.uniqueId()
            yield _("Adding the layers")
        self._made.clear()
        # Krita activates the layer that was added last, a little later.
        yield _("Adding the layers")
        self.document.waitForDone()
        node = self.document.nodeByUniqueID(active) if active is not None else None
        if node is not None:
            self.document.setActiveNode(node)
        self.record_provenance(self.document)

    def _mix(self, key):
        """Restores the old pixels where nothing is selected, some rows at a time."""
        mask, part, source = self._masks[key], self._rects[key], self.sources[key]
        if mask is None:
            return
        rows = max(1, TURN // part.width)
        for top in range(0, part.height, rows):
            count = min(rows, part.height - top)
            chosen = mask[top * part.width : (top + count) * part.width]
            if chosen.count(255) == len(chosen):
                continue
            area = part.x, part.y + top, part.width, count
            old = read_pixels(source.copy, *area, source.space)
            new = read_pixels(self._made[key], *area, source.space)
            write_pixels(self._made[key], *area, source.space, mix(old, new, chosen, source.space))
            yield _("Mixing with the selection")


def selected(document, rect):
    """The selected part of a rectangle of the canvas: all of it without a selection, None if it is not selected."""
    selection = document.selection()
    if selection is None:
        return rect
    left, top = max(rect.x, selection.x()), max(rect.y, selection.y())
    right = min(rect.x + rect.width, selection.x() + selection.width())
    bottom = min(rect.y + rect.height, selection.y() + selection.height())
    return Rect(left, top, right - left, bottom - top) if left < right and top < bottom else None
