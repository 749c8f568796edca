"""The result as a new document. Krita does not scale anything then, so this is the fast way to very large results.

The whole document becomes one layer, as the user sees it. Selected layers become one layer each, with their masks applied.
The original document must not change.
"""

from krita import Krita

from ..enlarger.translation import _
from ..refused_layers import NOT_INCLUDED, Layers
from ..source import VisibleDocument, VisibleLayer, write_pixels
from .target import Target, style_notes


class NewDocument(Target):
    """The visible picture, or each of the layers, in a new document.

    Arguments:
        layers: a Layers; None for the whole document.
        size: of the whole canvas in the new document, in pixels.
    """

    def __init__(self, document, layers, size):
        sources = (
            [VisibleDocument(document)]
            if layers is None
            else [VisibleLayer(node, document) for node in layers.enlarged]
        )
        super().__init__(document, sources, layers or Layers([], []), NOT_INCLUDED)
        if layers is not None:
            self.notes += style_notes(layers.enlarged)
        self.size = size
        self._name = _("{name} (enlarged)").format(name=document.name() or _("Unnamed"))
        self._space = document.colorModel(), document.colorDepth(), document.colorProfile()
        self._resolution = document.resolution()
        self.made = None
        self._layers = []

    def begin(self, results):
        super().begin(results)
        self.made = Krita.instance().createDocument(*self.size, self._name, *self._space, self._resolution)
        if self.made is None:
            raise RuntimeError("Krita could not create a new document; please report this")
        self.made.setBatchmode(True)
        # Krita's own first layer, which is white everywhere, also outside the canvas.
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
        area = self.enlarged_rect(source)
        native = source.space.from_library(pixels, rect.width, rect.height)
        write_pixels(node, area.x + rect.x, area.y + rect.y, rect.width, rect.height, source.space, native)

    def abandon(self):
        if self.made is not None:
            self._layers.clear()
            self.made.setModified(False)
            self.made.close()
            self.made = None

    def apply(self):
        yield _("Showing the new document")
        self.record_provenance(self.made)
        self.made.setBatchmode(False)
        self.made.refreshProjection()
        self.made.setModified(True)
        yield _("Showing the new document")
        window = Krita.instance().activeWindow()
        if window is not None:
            window.addView(self.made)
        self._layers.clear()
        yield _("Done")
