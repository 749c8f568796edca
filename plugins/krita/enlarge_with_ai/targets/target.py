"""What all targets share: reading layers as they were, and seeing whether the document is still the same."""

from krita import Krita

from ..documents import is_open
from ..enlarger import Rect
from ..enlarger.errors import Error
from ..enlarger.geometry import scaled


def told_of_styles(nodes):
    """A sentence for each layer with a style, whose sizes nobody scales: Krita does not either."""
    return [f"The layer style of '{node.name()}' keeps its sizes in pixels." for node in nodes if node.layerStyleToAsl()]


class Gone(Error):
    """The document is not what it was when the run began; nothing was changed."""


class Target:
    """Attributes:
        document: Krita's.
        sources: the layers to enlarge, each a Source.
        said: sentences for the user, collected.
        report: called with a fraction and a text; answers False to cancel.
        applying: whether the document is being changed, and nothing can be cancelled any more.
        steps: how many steps to undo were made in the document.
    """

    # Pixels go where the document does not see them as soon as they are there.
    hold = False

    def __init__(self, document, sources, said):
        self.document = document
        self.sources = sources
        self.said = list(said)
        self.report = lambda fraction, text: True
        self.applying = False
        self.steps = 0
        self._size = document.width(), document.height()

    def take(self):
        """Keeps what is to be enlarged as it is now. Before the job, once."""
        for source in self.sources:
            source.take()

    def larger(self, source):
        """Where a layer lies when the canvas has the target's size."""
        across, down = self.size[0] / self._size[0], self.size[1] / self._size[1]
        x, width = scaled(source.rect.x, source.rect.width, across)
        y, height = scaled(source.rect.y, source.rect.height, down)
        return Rect(x, y, width, height)

    def pictures(self):
        sizes = [self.larger(source) for source in self.sources]
        return [
            source.picture(key, width=size.width, height=size.height)
            for key, (source, size) in enumerate(zip(self.sources, sizes))
        ]

    def read(self, picture, rect):
        self.require_open()
        return self.sources[picture.key].read(rect)

    def begin(self, results):
        self.require_open()

    def commit(self):
        """All is computed; apply() does the rest."""

    def abandon(self):
        """Lets go of what was made; nobody has seen it."""

    def apply(self):
        """Changes the document, a step at a time; yields a text about what comes next."""
        raise NotImplementedError

    def release(self):
        """Lets go of what was kept of the document, when all is over."""
        for source in self.sources:
            source.copy = None

    def held(self):
        """Bytes of all results together, which Krita holds until the document has them."""
        return sum(
            picture.settings.get("width", picture.width)
            * picture.settings.get("height", picture.height)
            * self.sources[picture.key].space.pixel_size
            for picture in self.pictures()
        )

    def blocked_seconds(self):
        """How long Krita will not answer, about, while the document is changed."""
        return 0.0

    def progress(self, fraction, text):
        return self.report(fraction, text)

    def message(self, text):
        self.said.append(text)

    def require_open(self):
        if not is_open(self.document):
            raise Gone("the document was closed meanwhile, so nothing was done")

    def require_unchanged(self):
        """Raises Gone if the document is not as it was where it matters."""
        self.require_open()
        self.document.waitForDone()
        if (self.document.width(), self.document.height()) != self._size:
            raise Gone("the document has another size now, so nothing was done; try again")
        for source in self.sources:
            if self.document.nodeByUniqueID(source.identifier) is None:
                raise Gone(f"the layer '{source.name}' was removed meanwhile, so nothing was done")
            if not source.unchanged():
                raise Gone(f"the layer '{source.name}' was changed meanwhile, so nothing was done; try again")

    def undo(self):
        """Takes back the steps that were made, as the user would. Returns whether that was possible."""
        krita = Krita.instance()
        if not is_open(self.document) or krita.activeDocument() != self.document:
            return self.steps == 0
        while self.steps:
            # A busy image does not undo, and Krita does not say so.
            self.document.waitForDone()
            if not krita.action("edit_undo").isEnabled():
                return False
            krita.action("edit_undo").trigger()
            self.document.waitForDone()
            self.steps -= 1
        return True
