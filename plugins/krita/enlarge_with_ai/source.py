"""A layer as it was when the run began, whatever happens to the document meanwhile.

Krita's copies share their pixels until one of them changes, so a copy costs nothing. The copy must never be changed, and
only Krita's own thread may touch it.
"""

from .colour_space import checked, colour_space_of
from .enlarger import Rect
from .enlarger.host import Picture
from .enlarger.translation import _

# The bytes of a strip.
STRIP = 4 << 20


class Source:
    """A layer of the document, and its copy from the beginning of the run.

    Attributes:
        node: the layer in the document.
        name: its name.
        identifier: its identifier in the document.
        rect: where it has pixels, in pixels of the canvas; may begin outside it.
        space: its colour space.
    """

    def __init__(self, node):
        self.node = node
        self.name = node.name()
        self.identifier = node.uniqueId()
        bounds = node.bounds()
        self.rect = Rect(bounds.x(), bounds.y(), bounds.width(), bounds.height())
        self.space = colour_space_of(node)
        self.copy = None

    def children(self):
        """The masks of the layer and what else belongs to it, from the bottom up."""
        return self.node.childNodes()

    def snapshot(self):
        """Copies the layer as it is now."""
        self.copy = self.duplicate()

    def duplicate(self):
        """A copy of the layer as it is now, with its masks and properties, outside any document."""
        copy = self.node.duplicate()
        if copy is None:
            raise RuntimeError(f"Krita cannot copy the layer '{self.name}'; please report this")
        copy.setName(self.name)
        return copy

    def picture(self, key, rect=None, **settings):
        """The Picture for the job; `rect` is in the layer's own pixels."""
        return Picture(
            self.name,
            self.rect.width,
            self.rect.height,
            self.space.format,
            rect=rect,
            settings=settings,
            key=key,
            identity=(type(self), self.identifier, self.rect),
            **self.space.colour,
        )

    def read(self, rect):
        """Pixels for the library, from the copy or, if there is none yet, as they are now; `rect` is in the layer's own
        pixels.
        """
        return self.space.to_library(self.pixels(rect), rect.width, rect.height)

    def pixels(self, rect):
        """The same pixels in the layer's own colour space."""
        area = self.rect.x + rect.x, self.rect.y + rect.y, rect.width, rect.height
        data = self.now(*area) if self.copy is None else self.copy.pixelData(*area)
        return checked(data.data(), rect.width, rect.height, self.space.pixel_size)

    def now(self, x, y, width, height):
        """Krita's pixels of a rectangle of the canvas, as they are now."""
        return self.node.pixelData(x, y, width, height)

    def unchanged(self):
        """Whether the layer in the document still has the pixels that were read."""
        bounds, space = self.node.bounds(), self.space
        now = Rect(bounds.x(), bounds.y(), bounds.width(), bounds.height())
        if now != self.rect or (self.node.colorModel(), self.node.colorDepth(), self.node.colorProfile()) != (
            space.model,
            space.depth,
            space.profile,
        ):
            return False
        return all(
            self.node.pixelData(now.x, y, now.width, rows) == self.copy.pixelData(now.x, y, now.width, rows)
            for y, rows in strips(now, space.pixel_size)
        )


class VisibleLayer(Source):
    """A layer with its masks applied, which may make it smaller, or a little larger."""

    def __init__(self, node, document):
        super().__init__(node)
        self.opacity, self.blending, self.style = node.opacity(), node.blendingMode(), node.layerStyleToAsl()
        self.masked = bool(node.childNodes())
        if self.masked:
            bounds = node.bounds().united(document.bounds())
            self.rect = Rect(bounds.x(), bounds.y(), bounds.width(), bounds.height())

    def snapshot(self):
        super().snapshot()
        if self.masked:
            for y, rows in strips(self.rect, self.space.pixel_size):
                pixels = self.now(self.rect.x, y, self.rect.width, rows).data()
                write_pixels(self.copy, self.rect.x, y, self.rect.width, rows, self.space, pixels)

    def now(self, x, y, width, height):
        return (self.node.projectionPixelData if self.masked else self.node.pixelData)(x, y, width, height)


class VisibleDocument(Source):
    """The whole canvas as the user sees it."""

    style, identifier = "", None

    def __init__(self, document):
        self.node = document.rootNode()
        self.name = document.name() or _("Enlarged")
        self.rect = Rect(0, 0, document.width(), document.height())
        self.document = document
        self.copy = None
        self.space = colour_space_of(self.node)

    def children(self):
        # Those of the root are layers.
        return []

    def snapshot(self):
        # This layer is in no document.
        copy = self.document.createNode(self.name, "paintlayer")
        for y, rows in strips(self.rect, self.space.pixel_size):
            pixels = self.now(0, y, self.rect.width, rows).data()
            write_pixels(copy, 0, y, self.rect.width, rows, self.space, pixels)
        self.copy = copy

    def now(self, x, y, width, height):
        return self.document.pixelData(x, y, width, height)


def strips(rect, pixel_size):
    """The top and the height of each strip of a rectangle."""
    rows = max(1, STRIP // max(rect.width * pixel_size, 1))
    for y in range(rect.y, rect.y + rect.height, rows):
        yield y, min(rows, rect.y + rect.height - y)


def read_pixels(node, x, y, width, height, space):
    """Pixels of a rectangle of the canvas, in the layer's own colour space."""
    return checked(node.pixelData(x, y, width, height).data(), width, height, space.pixel_size)


def write_pixels(node, x, y, width, height, space, pixels):
    """Writes pixels to a layer. It must not be in a document of the user's, because this cannot be undone."""
    node.setPixelData(checked(pixels, width, height, space.pixel_size), x, y, width, height)


def clear_around(node, rect, space):
    """Makes a layer transparent outside a rectangle."""
    bounds = node.bounds()
    left, top, right, bottom = bounds.x(), bounds.y(), bounds.x() + bounds.width(), bounds.y() + bounds.height()
    inner_top, inner_bottom = max(top, min(rect.y, bottom)), min(bottom, max(rect.y + rect.height, top))
    beside = max(rect.x + rect.width, left)
    around = [
        Rect(left, top, right - left, inner_top - top),
        Rect(left, inner_bottom, right - left, bottom - inner_bottom),
        Rect(left, inner_top, min(rect.x, right) - left, inner_bottom - inner_top),
        Rect(beside, inner_top, right - beside, inner_bottom - inner_top),
    ]
    for part in around:
        if part.width > 0 and part.height > 0:
            for y, rows in strips(part, space.pixel_size):
                write_pixels(node, part.x, y, part.width, rows, space, bytes(part.width * rows * space.pixel_size))
