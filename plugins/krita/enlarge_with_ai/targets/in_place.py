"""The same size, better pixels, where the selection is. Partly selected pixels become a mixture of old and new."""

from ..blend import blend
from ..enlarger import Rect
from ..enlarger.errors import invalid
from ..source import Source, pixels_of, put
from .target import Target

# Pixels that are mixed in one turn of the event loop.
TURN = 1 << 15


class InPlace(Target):
    """Arguments:
        layers: a Layers.
    """

    def __init__(self, document, layers):
        said = layers.told("stays as it is")
        nodes = []
        for node in layers.enlarged:
            if node.locked():
                said.append(f"'{node.name()}' was left as it is: it is locked.")
            else:
                nodes.append(node)
        parts = [(source, part) for source in map(Source, nodes) for part in [selected(document, source.rect)] if part]
        if not parts:
            raise invalid(
                "the chosen layers are locked; unlock one"
                if not nodes
                else "the selection lies outside the chosen layers; select a part of them, or nothing"
            )
        super().__init__(document, [source for source, _ in parts], said)
        self.size = document.width(), document.height()
        self._rects = [part for _, part in parts]
        self._masks = {}
        self._made = {}

    def take(self):
        super().take()
        selection = self.document.selection()
        for key, part in enumerate(self._rects):
            place = part.x, part.y, part.width, part.height
            self._masks[key] = selection.pixelData(*place).data() if selection is not None else None

    def pictures(self):
        return [
            source.picture(key, Rect(part.x - source.rect.x, part.y - source.rect.y, part.width, part.height), factor=1.0)
            for key, (source, part) in enumerate(zip(self.sources, self._rects))
        ]

    def begin(self, results):
        super().begin(results)
        for result in results:
            part = self._rects[result.picture.key]
            if (result.width, result.height) != (part.width, part.height):
                raise RuntimeError(f"the result has another size ({result.width} x {result.height}); please report this")
        for key, source in enumerate(self.sources):
            self._made[key] = source.copied()

    def write(self, result, rect, pixels):
        self.require_open()
        key = result.picture.key
        space, part = self.sources[key].space, self._rects[key]
        native = space.from_library(pixels, rect.width, rect.height)
        put(self._made[key], part.x + rect.x, part.y + rect.y, rect.width, rect.height, space, native)

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
                raise RuntimeError("Krita does not add a layer; please report this")
            self.steps += 1
            if not node.remove():
                raise RuntimeError("Krita does not remove a layer; please report this")
            self.steps += 1
            if active == source.identifier:
                active = made.uniqueId()
            yield "Adding the layers"
        self._made.clear()
        # Krita activates what was added last, a little later.
        yield "Adding the layers"
        self.document.waitForDone()
        node = self.document.nodeByUniqueID(active) if active is not None else None
        if node is not None:
            self.document.setActiveNode(node)

    def _mix(self, key):
        """Puts the old pixels back where nothing is selected, some rows at a time."""
        mask, part, source = self._masks[key], self._rects[key], self.sources[key]
        if mask is None:
            return
        rows = max(1, TURN // part.width)
        for top in range(0, part.height, rows):
            count = min(rows, part.height - top)
            chosen = mask[top * part.width : (top + count) * part.width]
            if chosen.count(255) == len(chosen):
                continue
            place = part.x, part.y + top, part.width, count
            old = pixels_of(source.copy, *place, source.space)
            new = pixels_of(self._made[key], *place, source.space)
            put(self._made[key], *place, source.space, blend(old, new, chosen, source.space))
            yield "Mixing with the selection"


def selected(document, rect):
    """What is selected of a rectangle of the canvas; all of it without a selection, None if it lies elsewhere."""
    selection = document.selection()
    if selection is None:
        return rect
    left, top = max(rect.x, selection.x()), max(rect.y, selection.y())
    right = min(rect.x + rect.width, selection.x() + selection.width())
    bottom = min(rect.y + rect.height, selection.y() + selection.height())
    return Rect(left, top, right - left, bottom - top) if left < right and top < bottom else None
