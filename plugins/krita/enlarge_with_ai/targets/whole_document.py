"""The canvas and everything on it becomes larger; the chosen layers by AI, all else by Krita, so that nothing moves.

Pixels of a layer in a document cannot be written so that it can be undone. So each result is a copy of its layer, filled
before it is put into the document, and every change is one that Krita can undo: remove, scale, add.

While Krita scales, which takes seconds for each layer, it cannot be used. Layers that would be replaced anyway are therefore
taken out before it, where their place can be found again.
"""

from krita import Krita

from ..enlarger.errors import invalid
from ..guides import Guides
from ..layers import walk
from ..source import Source, clear_around, pixels_of, put, strips
from .target import Target, told_of_styles

# Seconds for a pixel of the result and a layer, measured on two cores.
SECONDS = {"Bicubic": 0.15e-6, "NearestNeighbor": 0.08e-6}
# What Krita scales pixel by pixel.
WITH_PIXELS = ("paintlayer", "transparencymask", "selectionmask", "filtermask", "colorizemask", "filllayer")


class WholeDocument(Target):
    """Arguments:
        layers: a Layers.
        size: of the new canvas.
        replace: whether results replace their layers, or lie on them.
    """

    def __init__(self, document, layers, size, replace):
        super().__init__(document, [Source(node) for node in layers.enlarged], layers.told("was left to Krita"))
        nodes = list(walk(document.rootNode()))
        for node in nodes:
            require_scalable(node)
        self.said += told_of_styles(nodes)
        self.size = size
        self.replace = replace
        self._made = {}
        self._families = self._placed()

    def begin(self, results):
        super().begin(results)
        for key, source in enumerate(self.sources):
            self._made[key] = source.copied()
            clear_around(self._made[key], self.larger(source), source.space)

    def write(self, result, rect, pixels):
        self.require_open()
        key = result.picture.key
        source = self.sources[key]
        place = self.larger(source)
        native = source.space.from_library(pixels, rect.width, rect.height)
        put(self._made[key], place.x + rect.x, place.y + rect.y, rect.width, rect.height, source.space, native)

    def abandon(self):
        self._made.clear()

    def blocked_seconds(self):
        layers = sum(node.type() in WITH_PIXELS for node in self._scaled_by_krita())
        return self.size[0] * self.size[1] * (layers + 0.2) * SECONDS[self._strategy()]

    def apply(self):
        self.require_unchanged()
        active = self.document.activeNode()
        active = active.uniqueId() if active is not None else None
        self._guides = Guides(self.document, self.size)
        seconds = self.blocked_seconds()
        yield "Krita scales the canvas" + (f", and cannot be used for about {seconds:.0f} s" if seconds >= 2 else "")
        strategy, lifted = self._strategy(), self._lifted()
        for key in lifted:
            self._done(self.sources[key].node.remove(), "remove a layer")
        self._scale(strategy)
        # Krita's canvas must see the new size before anything else happens.
        yield "Adding the layers"
        yield "Adding the layers"
        for key in [key for key, source in enumerate(self.sources) if source.node.childNodes()]:
            yield from self._with_scaled_masks(key)
        active = self._add(lifted, active)
        self._guides.move()
        # Krita activates what was added last, a little later.
        yield "Adding the layers"
        yield "Adding the layers"
        self.document.waitForDone()
        node = self.document.nodeByUniqueID(active) if active is not None else None
        if node is not None:
            self.document.setActiveNode(node)
        yield "Done"

    def _scale(self, strategy):
        """Has Krita scale the canvas and all that is on it."""
        document = self.document
        before = (document.width(), document.height()), (document.xRes(), document.yRes())
        across, down = (max(1, round(per_inch)) for per_inch in before[1])
        document.scaleImage(*self.size, across, down, strategy)
        document.waitForDone()
        after = (document.width(), document.height()), (document.xRes(), document.yRes())
        if after != before:
            # Otherwise there is nothing to undo.
            self.steps += 1
        if after[0] != self.size:
            raise RuntimeError(
                f"Krita made the canvas {after[0][0]}x{after[0][1]} pixels large, not {self.size[0]}x{self.size[1]}; please "
                "report this"
            )
        if any(abs(new - old) > 0.001 for new, old in zip(after[1], before[1])):
            self.said.append(f"The resolution is {across} pixels per inch now: Krita scales to whole numbers of them only.")

    def _placed(self):
        """For each parent of a chosen layer: itself, and its layers from the bottom up, as (node, key or None)."""
        keys = {source.identifier: key for key, source in enumerate(self.sources)}
        families = {}
        for source in self.sources:
            parent = source.node.parentNode()
            if parent.uniqueId() not in families:
                children = [node for node in parent.childNodes() if not node.type().endswith("mask")]
                families[parent.uniqueId()] = parent, [(node, keys.get(node.uniqueId())) for node in children]
        return list(families.values())

    def _lifted(self):
        """The keys of the layers that are taken out while Krita scales: not those whose masks Krita has to scale, and not
        the lowest one where something else stays beside it, because Krita's plug-ins can put layers only on others.
        """
        if not self.replace:
            return []
        lifted = []
        for parent, children in self._families:
            free = [key is not None and not node.childNodes() for node, key in children]
            alone = all(free) and len(parent.childNodes()) == len(children)
            lifted += [key for place, (_, key) in enumerate(children) if free[place] and (place > 0 or alone)]
        return lifted

    def _scaled_by_krita(self):
        lifted = {self.sources[key].identifier for key in self._lifted()}
        return [node for node in walk(self.document.rootNode()) if node.uniqueId() not in lifted]

    def _strategy(self):
        """The quick one where nothing of what Krita scales can be seen afterwards."""
        replaced = {source.identifier for source in self.sources} if self.replace else set()
        seen = [node for node in self._scaled_by_krita() if node.uniqueId() not in replaced]
        if self.document.selection() is None and not any(node.type() in WITH_PIXELS for node in seen):
            return "NearestNeighbor"
        return "Bicubic"

    def _with_scaled_masks(self, key):
        """Moves a result into a copy of its layer as it is now, with masks that Krita has scaled."""
        source = self.sources[key]
        place = self.larger(source)
        shell = source.copied()
        clear_around(shell, place, source.space)
        for y, rows in strips(place, source.space.pixel_size):
            pixels = pixels_of(self._made[key], place.x, y, place.width, rows, source.space)
            put(shell, place.x, y, place.width, rows, source.space, pixels)
            yield "Adding the layers"
        self._made[key] = shell

    def _add(self, lifted, active):
        """Puts all results into the document, where their layers are or were. Returns which layer should be active."""
        for parent, children in self._families:
            below = None
            for node, key in children:
                if key is None:
                    below = node
                    continue
                made = self._made[key]
                if not self.replace:
                    made.setName(f"{self.sources[key].name} (enlarged)")
                self._done(parent.addChildNode(made, below if key in lifted else node), "add a layer")
                if self.replace and key not in lifted:
                    self._done(node.remove(), "remove a layer")
                below = made
                if active == self.sources[key].identifier:
                    active = made.uniqueId()
        self._made.clear()
        return active

    def _done(self, done, what):
        if not done:
            raise RuntimeError(f"Krita does not {what}; please report this")
        self.steps += 1


def require_scalable(node):
    """Raises what keeps Krita from scaling a layer with the canvas."""
    if node.type() == "vectorlayer" and not Krita.instance().windows():
        # Krita's workers let its own thread change shapes. While that waits for them, it listens only if it has a window.
        raise invalid(
            f"a Krita without a window can hang while it scales a vector layer, and '{node.name()}' is one; choose a new "
            "document, or convert the layer to a paint layer"
        )
    if node.type() == "filelayer":
        place = node.position()
        if node.scalingMethod() != "ToImageSize" or place.x() or place.y():
            raise invalid(
                f"Krita would leave the file layer '{node.name()}' as small as it is; let it scale to the size of the image "
                "(Layer > Properties) and move it to the corner, convert it to a paint layer, or choose a new document"
            )
