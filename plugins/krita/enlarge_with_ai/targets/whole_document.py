"""Enlarges the canvas and everything on it: the chosen layers by AI, everything else by Krita.

Writing pixels to a layer of a document cannot be undone. So each result is a copy of its layer that is filled before it is
added to the document, and every change is one that Krita can undo: remove, scale, add. Nothing may move against anything
else.

Krita does not respond while it scales, which takes seconds for each layer. So layers that are replaced anyway are removed
before, if their position can be found again.
"""

from ..enlarger.translation import _
from ..refused_layers import LEFT_TO_KRITA, require_scalable, walk
from ..guides import Guides
from ..source import Source, clear_around, read_pixels, strips, write_pixels
from .target import Target, style_notes

# Seconds per layer and pixel of the result, by Krita's scaling method; measured on two cores.
SECONDS = {"Bicubic": 0.15e-6, "NearestNeighbor": 0.08e-6}
# The types of nodes whose pixels Krita scales.
WITH_PIXELS = ("paintlayer", "transparencymask", "selectionmask", "filtermask", "colorizemask", "filllayer")


class WholeDocument(Target):
    """The document with an enlarged canvas.

    Arguments:
        layers: a Layers.
        size: of the enlarged canvas, in pixels.
        replace: True: results replace their layers; False: they lie above them.
    """

    def __init__(self, document, layers, size, replace):
        super().__init__(document, [Source(node) for node in layers.enlarged], layers, LEFT_TO_KRITA)
        nodes = list(walk(document.rootNode()))
        for node in nodes:
            require_scalable(node)
        self.notes += style_notes(nodes)
        self.size = size
        self.replace = replace
        self._made = {}
        self._siblings = self._positions()

    def begin(self, results):
        super().begin(results)
        for key, source in enumerate(self.sources):
            self._made[key] = source.duplicate()
            clear_around(self._made[key], self.enlarged_rect(source), source.space)

    def write(self, result, rect, pixels):
        self.require_open()
        key = result.picture.key
        source = self.sources[key]
        area = self.enlarged_rect(source)
        native = source.space.from_library(pixels, rect.width, rect.height)
        write_pixels(self._made[key], area.x + rect.x, area.y + rect.y, rect.width, rect.height, source.space, native)

    def abandon(self):
        self._made.clear()

    def blocked_seconds(self):
        layers = sum(node.type() in WITH_PIXELS for node in self._scaled_by_krita())
        return self.size[0] * self.size[1] * (layers + 0.2) * SECONDS[self._method()]

    def apply(self):
        self.require_unchanged()
        active = self.document.activeNode()
        active = active.uniqueId() if active is not None else None
        self._guides = Guides(self.document, self.size)
        seconds = self.blocked_seconds()
        scaling = _("Krita is scaling the canvas")
        if seconds >= 2:
            scaling = _("Krita is scaling the canvas, and does not respond for about {seconds} s")
        yield scaling.format(seconds=round(seconds))
        method, removed_early = self._method(), self._removed_early()
        for key in removed_early:
            self._require(self.sources[key].node.remove(), "remove a layer")
        self._scale(method)
        # Krita's canvas must process the new size before any other change.
        yield _("Adding the layers")
        yield _("Adding the layers")
        for key in [key for key, source in enumerate(self.sources) if source.node.childNodes()]:
            yield from self._with_scaled_masks(key)
        active = self._add(removed_early, active)
        self._guides.move()
        # Krita activates the layer that was added last, a little later.
        yield _("Adding the layers")
        yield _("Adding the layers")
        self.document.waitForDone()
        node = self.document.nodeByUniqueID(active) if active is not None else None
        if node is not None:
            self.document.setActiveNode(node)
        self.record_provenance(self.document)
        yield _("Done")

    def _scale(self, method):
        """Has Krita scale the canvas and everything on it."""
        document = self.document
        before = (document.width(), document.height()), (document.xRes(), document.yRes())
        across, down = (max(1, round(per_inch)) for per_inch in before[1])
        document.scaleImage(*self.size, across, down, method)
        document.waitForDone()
        after = (document.width(), document.height()), (document.xRes(), document.yRes())
        if after != before:
            # Without a change Krita makes no undo step.
            self.steps += 1
        if after[0] != self.size:
            raise RuntimeError(
                f"Krita scaled the canvas to {after[0][0]}x{after[0][1]} pixels instead of {self.size[0]}x{self.size[1]}; "
                "please report this"
            )
        if any(abs(new - old) > 0.001 for new, old in zip(after[1], before[1])):
            self.notes.append(
                _("The resolution is now {count} pixels per inch, because Krita only scales to whole numbers.").format(
                    count=across
                )
            )

    def _positions(self):
        """For each parent of a chosen layer: the parent, and its layers from the bottom up as (node, key or None)."""
        keys = {source.identifier: key for key, source in enumerate(self.sources)}
        siblings = {}
        for source in self.sources:
            parent = source.node.parentNode()
            if parent.uniqueId() not in siblings:
                children = [node for node in parent.childNodes() if not node.type().endswith("mask")]
                siblings[parent.uniqueId()] = parent, [(node, keys.get(node.uniqueId())) for node in children]
        return list(siblings.values())

    def _removed_early(self):
        """The keys of the layers that are removed before Krita scales. A layer stays if Krita has to scale its masks. The
        lowest layer stays if other nodes stay beside it, because a plug-in can only add layers above others.
        """
        if not self.replace:
            return []
        removed_early = []
        for parent, children in self._siblings:
            free = [key is not None and not node.childNodes() for node, key in children]
            alone = all(free) and len(parent.childNodes()) == len(children)
            removed_early += [key for index, (_, key) in enumerate(children) if free[index] and (index > 0 or alone)]
        return removed_early

    def _scaled_by_krita(self):
        removed_early = {self.sources[key].identifier for key in self._removed_early()}
        return [node for node in walk(self.document.rootNode()) if node.uniqueId() not in removed_early]

    def _method(self):
        """Krita's scaling method: the fast one if none of the pixels that Krita scales stay visible."""
        replaced = {source.identifier for source in self.sources} if self.replace else set()
        visible = [node for node in self._scaled_by_krita() if node.uniqueId() not in replaced]
        if self.document.selection() is None and not any(node.type() in WITH_PIXELS for node in visible):
            return "NearestNeighbor"
        return "Bicubic"

    def _with_scaled_masks(self, key):
        """Moves a result into a copy of its layer as it is now, because its masks have been scaled."""
        source = self.sources[key]
        area = self.enlarged_rect(source)
        copy = source.duplicate()
        clear_around(copy, area, source.space)
        for y, rows in strips(area, source.space.pixel_size):
            pixels = read_pixels(self._made[key], area.x, y, area.width, rows, source.space)
            write_pixels(copy, area.x, y, area.width, rows, source.space, pixels)
            yield _("Adding the layers")
        self._made[key] = copy

    def _add(self, removed_early, active):
        """Adds all results to the document, where their layers are or were. Returns the identifier of the layer to activate."""
        for parent, children in self._siblings:
            below = None
            for node, key in children:
                if key is None:
                    below = node
                    continue
                made = self._made[key]
                if not self.replace:
                    made.setName(_("{name} (enlarged)").format(name=self.sources[key].name))
                self._require(parent.addChildNode(made, below if key in removed_early else node), "add a layer")
                if self.replace and key not in removed_early:
                    self._require(node.remove(), "remove a layer")
                below = made
                if active == self.sources[key].identifier:
                    active = made.uniqueId()
        self._made.clear()
        return active

    def _require(self, done, what):
        if not done:
            raise RuntimeError(f"Krita could not {what}; please report this")
        self.steps += 1
