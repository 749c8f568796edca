"""Which layers AI enlarges, which are left to Krita, and which are refused; each with the reason as a sentence.

A group stands for its layers, a mask for its layer. Vector and fill layers are left to Krita, which draws them sharp in
any size. A layer that AI would damage (an animated layer, or the source of a clone layer) must never be enlarged silently.
"""

from collections.abc import Callable
from dataclasses import dataclass

from krita import Krita

from .enlarger.errors import invalid
from .enlarger.translation import _, plural

# Types of layers that are left to Krita.
REASONS = {
    "vectorlayer": _("it is a vector layer, which Krita draws sharp in any size"),
    "filllayer": _("it is a fill layer, which Krita draws sharp in any size"),
    "filterlayer": _("it is a filter layer, which has no pixels of its own"),
    "clonelayer": _("it is a clone layer, which follows its source"),
    "filelayer": _("it is a file layer, whose pixels are in another file"),
}


@dataclass(frozen=True)
class Outcome:
    """What happens to layers that AI does not enlarge.

    Attributes:
        one, why: a sentence about the layer {name}, and one with the {reason}.
        several: a function from a count to a sentence about {count} layers.
    """

    one: str
    why: str
    several: Callable[[int], str]


LEFT_TO_KRITA = Outcome(
    _("'{name}' was left to Krita."),
    _("'{name}' was left to Krita: {reason}."),
    lambda count: plural("{count} layer was left to Krita.", "{count} layers were left to Krita.", count),
)
NOT_CHANGED = Outcome(
    _("'{name}' stays as it is."),
    _("'{name}' stays as it is: {reason}."),
    lambda count: plural("{count} layer stays as it is.", "{count} layers stay as they are.", count),
)
NOT_INCLUDED = Outcome(
    _("'{name}' is not in the new document."),
    _("'{name}' is not in the new document: {reason}."),
    lambda count: plural("{count} layer is not in the new document.", "{count} layers are not in the new document.", count),
)
# Before a run, with the reason.
IS_LEFT = _("'{name}' is left to Krita: {reason}.")


@dataclass(frozen=True)
class Layers:
    """The chosen layers, by what happens to them.

    Attributes:
        enlarged: the paint layers that AI enlarges, from the bottom up.
        skipped: the name of each other chosen layer, and the reason why AI does not enlarge it.
    """

    enlarged: list
    skipped: list

    def notes(self, sentence):
        """A sentence for each skipped layer, with its {name} and the {reason}."""
        return [sentence.format(name=name, reason=reason) for name, reason in self.skipped]

    def short_note(self, outcome):
        """One sentence about all skipped layers, as a list that is empty without any."""
        count = len(self.skipped)
        if count == 1:
            return [outcome.one.format(name=self.skipped[0][0])]
        return [outcome.several(count).format(count=count)] if count else []


def walk(node):
    """All nodes below a node, from the bottom up."""
    for child in node.childNodes():
        yield child
        yield from walk(child)


def eligible_layers(document, view=None):
    """The Layers of a document, or those that are selected in a view. Raises InvalidArgument if AI can enlarge none."""
    chosen = document.topLevelNodes() if view is None else view.selectedNodes() or [document.activeNode()]
    wanted = {node.uniqueId() for root in chosen if root is not None for node in _leaves(root)}
    cloned = _clone_sources(document)
    enlarged, skipped = [], []
    for node in walk(document.rootNode()):
        if node.uniqueId() not in wanted:
            continue
        reason = _reason_to_skip(node, cloned)
        if reason:
            skipped.append((node.name(), reason))
        elif not node.bounds().isEmpty():
            enlarged.append(node)
    layers = Layers(enlarged, skipped)
    if not enlarged:
        reasons = " ".join(layers.notes(_("'{name}' cannot be enlarged by AI: {reason}.")))
        raise invalid(reasons or _("no paint layer with pixels is selected; select one"))
    return layers


def require_scalable(node):
    """Raises InvalidArgument for a layer that Krita cannot scale with the canvas."""
    if node.type() == "vectorlayer" and not Krita.instance().windows():
        # Krita's worker threads have the GUI thread change shapes. While it waits for them, it only responds if Krita has
        # a window.
        raise invalid(
            _(
                "without a window, Krita can hang when it scales a vector layer such as '{name}'; choose a new document, "
                "or convert the layer to a paint layer"
            ).format(name=node.name())
        )
    if node.type() == "filelayer":
        position = node.position()
        if node.scalingMethod() != "ToImageSize" or position.x() or position.y():
            raise invalid(
                _(
                    "Krita cannot scale the file layer '{name}' with the canvas; set it to scale to the image size "
                    "(Layer > Properties) and move it to the top left corner, convert it to a paint layer, or choose a new "
                    "document"
                ).format(name=node.name())
            )


def _leaves(node):
    """The layers that a chosen node stands for."""
    if node.type() == "grouplayer":
        for child in node.childNodes():
            if not child.type().endswith("mask"):
                yield from _leaves(child)
    elif node.type().endswith("mask"):
        yield from _leaves(node.parentNode())
    else:
        yield node


def _reason_to_skip(node, cloned):
    """Why AI does not enlarge a layer; None if it does."""
    if node.type() != "paintlayer":
        return REASONS.get(node.type()) or _("its type ({type}) is unknown").format(type=node.type())
    if node.animated():
        return _("it is animated; scale it with Krita, or convert its frames to layers first")
    if node.uniqueId() in cloned:
        text = _("the clone layer '{name}' shows it and would lose it; convert the clone to a paint layer first")
        return text.format(name=cloned[node.uniqueId()])
    return None


def _clone_sources(document):
    """The identifiers of the layers that clone layers show, also inside a cloned group, each with a clone's name."""
    sources = {}
    for node in walk(document.rootNode()):
        if node.type() == "clonelayer":
            source = node.sourceNode()
            if source is not None:
                for shown in [source, *walk(source)]:
                    sources[shown.uniqueId()] = node.name()
    return sources
