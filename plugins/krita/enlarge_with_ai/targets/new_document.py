"""The result as a document of its own. Krita scales nothing then, so it is the quick way to very large results.

Of the whole document it is the picture as it is seen, in one layer; of chosen layers, each as it is seen by itself: with
its masks applied. The document it comes from is only read.
"""

from krita import Krita

from ..source import Seen, SeenDocument, put
from .target import Target, told_of_styles


class NewDocument(Target):
    """Arguments:
        layers: a Layers; None for the whole document as it is seen.
        size: of the new document, which stands for the whole canvas.
    """

    def __init__(self, document, layers, size):
        sources = [SeenDocument(document)] if layers is None else [Seen(node, document) for node in layers.enlarged]
        super().__init__(document, sources, [])
        if layers is not None:
            self.said += layers.told("is not in the new document") + told_of_styles(layers.enlarged)
        self.size = size
        self._name = f"{document.name() or 'Unnamed'} (enlarged)"
        self._space = document.colorModel(), document.colorDepth(), document.colorProfile()
        self._resolution = document.resolution()
        self.made = None
        self._layers = []

    def begin(self, results):
        super().begin(results)
        self.made = Krita.instance().createDocument(*self.size, self._name, *self._space, self._resolution)
        if self.made is None:
            raise RuntimeError("Krita does not make a new document; please report this")
        self.made.setBatchmode(True)
        # Krita's own first layer is white all over, beyond the canvas too.
        white = self.made.topLevelNodes()
        for source in self.sources:
            node = self.made.createNode(source.name, "paintlayer")
            self.made.rootNode().addChildNode(node, None)
            self._layers.append(node)
            space = source.space
            if (node.colorModel(), node.colorDepth(), node.colorProfile()) != (space.model, space.depth, space.profile):
                node.setColorSpace(space.model, space.depth, space.profile)
                self.made.waitForDone()
            if source.style:
                node.setLayerStyleFromAsl(source.style)
            if len(self.sources) > 1:
                node.setOpacity(source.opacity)
                node.setBlendingMode(source.blending)
        for node in white:
            node.remove()

    def write(self, result, rect, pixels):
        self.require_open()
        key = result.picture.key
        source, node = self.sources[key], self._layers[key]
        place = self.larger(source)
        native = source.space.from_library(pixels, rect.width, rect.height)
        put(node, place.x + rect.x, place.y + rect.y, rect.width, rect.height, source.space, native)

    def abandon(self):
        if self.made is not None:
            self._layers.clear()
            self.made.setModified(False)
            self.made.close()
            self.made = None

    def apply(self):
        yield "Showing the new document"
        self.made.setBatchmode(False)
        self.made.refreshProjection()
        self.made.setModified(True)
        yield "Showing the new document"
        window = Krita.instance().activeWindow()
        if window is not None:
            window.addView(self.made)
        self._layers.clear()
        yield "Done"
