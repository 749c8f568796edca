"""What all targets share: reading layers as they were, and checking that the document is still the same.

A target must never change the document before apply().
"""

from dataclasses import replace

from ..document_information import record
from ..open_documents import is_open
from ..enlarger import Rect
from ..enlarger.errors import Error
from ..enlarger.face_choice import FaceChoice
from ..enlarger.geometry import scaled
from ..enlarger.mask_choice import EVERYWHERE
from ..enlarger.translation import _
from ..strength_mask import strength_masks
from ..undo_history import undo_steps


def style_notes(nodes):
    """A sentence for each layer with a style: its sizes are not scaled, neither here nor by Krita."""
    return [
        _("The layer style of '{name}' keeps its sizes in pixels.").format(name=node.name())
        for node in nodes
        if node.layerStyleToAsl()
    ]


class DocumentChanged(Error):
    """The document was changed or closed since the run began; nothing was done."""


class Target:
    """The host of a job that enlarges layers of a document.

    Attributes:
        document: Krita's Document.
        sources: the layers to enlarge, each a Source.
        notes: sentences to show to the user at the end.
        details: sentences that explain the notes, to show on demand.
        faces: the FaceChoice, by the `identity` of pictures.
        report: called with a fraction and a text; returns False to cancel.
        applying: whether the document is being changed, and the run cannot be cancelled any more.
        steps: how many undo steps were made in the document.
        recorded: what was written into the document's information, for restore().
    """

    # Krita writes pixels at once, to layers that the document does not show yet.
    write_when_complete = False

    def __init__(self, document, sources, layers, outcome):
        self.document = document
        self.sources = sources
        self.notes = layers.short_note(outcome)
        self.details = layers.notes(outcome.why)
        self.faces = FaceChoice()
        self.report = lambda fraction, text: True
        self.applying = False
        self.steps = 0
        self._mask_choice, self._masks_of_strength = EVERYWHERE, {}
        self._provenance = []
        self.recorded = None
        self._size = document.width(), document.height()

    def use_mask(self, choice):
        """Has the network used where a MaskChoice says. Raises InvalidArgument if that is not possible."""
        self._mask_choice, self._masks_of_strength = choice, strength_masks(self.document, self.sources, choice)
        unmasked = [source.name for key, source in enumerate(self.sources) if key not in self._masks_of_strength]
        self.notes += choice.notes(unmasked)

    def as_chosen(self, pictures):
        """Pictures with the masks that say where the network is used, and with the faces that are left out."""
        return [
            replace(
                self._mask_choice.apply(picture, self._masks_of_strength),
                faces_left_out=self.faces.places(picture.identity),
            )
            for picture in pictures
        ]

    def snapshot(self):
        """Copies the layers as they are now. Called once, before the job."""
        for source in self.sources:
            source.snapshot()

    def enlarged_rect(self, source):
        """Where a layer lies on a canvas of the target's size."""
        across, down = self.size[0] / self._size[0], self.size[1] / self._size[1]
        x, width = scaled(source.rect.x, source.rect.width, across)
        y, height = scaled(source.rect.y, source.rect.height, down)
        return Rect(x, y, width, height)

    def pictures(self):
        rects = [self.enlarged_rect(source) for source in self.sources]
        return self.as_chosen(
            source.picture(key, width=rect.width, height=rect.height)
            for key, (source, rect) in enumerate(zip(self.sources, rects))
        )

    def read(self, picture, rect):
        self.require_open()
        return self.sources[picture.key].read(rect)

    def as_applied(self, picture, patch):
        """A Patch of a picture as the document will show it."""
        return patch

    def begin(self, results):
        self.require_open()

    def made_by(self, made):
        self._provenance = made

    def commit(self):
        """Everything is computed; apply() does the rest."""

    def record_provenance(self, document):
        """Writes into the document's information what made it. Krita cannot undo that."""
        self.recorded = record(document, self._provenance)

    def abandon(self):
        """Drops the results, which the document has never shown."""

    def apply(self):
        """Changes the document step by step; yields a text about the next step."""
        raise NotImplementedError

    def release(self):
        """Drops the copies of layers at the end of the run."""
        for source in self.sources:
            source.copy = None

    def memory(self):
        """The bytes of all results together, which Krita keeps until the document has them."""
        return sum(
            picture.settings.get("width", picture.width)
            * picture.settings.get("height", picture.height)
            * self.sources[picture.key].space.pixel_size
            for picture in self.pictures()
        )

    def blocked_seconds(self):
        """About how long Krita does not respond while the document is changed."""
        return 0.0

    def progress(self, fraction, text):
        return self.report(fraction, text)

    def message(self, text):
        self.notes.append(text)

    def require_open(self):
        if not is_open(self.document):
            raise DocumentChanged(_("the document was closed meanwhile, so nothing was done"))

    def require_unchanged(self):
        """Raises DocumentChanged if the size or one of the layers is not as it was."""
        self.require_open()
        self.document.waitForDone()
        if (self.document.width(), self.document.height()) != self._size:
            raise DocumentChanged(_("the document has another size now, so nothing was done; try again"))
        for source in self.sources:
            if self.document.nodeByUniqueID(source.identifier) is None:
                text = _("the layer '{name}' was removed meanwhile, so nothing was done")
                raise DocumentChanged(text.format(name=source.name))
            if not source.unchanged():
                text = _("the layer '{name}' was changed meanwhile, so nothing was done; try again")
                raise DocumentChanged(text.format(name=source.name))

    def undo(self):
        """Undoes the steps that were made, as the user would. Returns whether that was possible."""
        for self.steps in undo_steps(self.document, self.steps):
            self.document.waitForDone()
        return self.steps == 0
