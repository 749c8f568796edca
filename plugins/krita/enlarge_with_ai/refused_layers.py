"""Which layers AI enlarges, which are left to Krita, and which are refused; each with the reason as a sentence.

A group stands for its layers, a mask for its layer. Vector and fill layers are left to Krita, which draws them sharp in
any size. A layer that AI would damage (an animated layer, or the source of a clone layer) must never be enlarged silently.
"""

from dataclasses import dataclass

from krita import Krita

from .enlarger.errors import invalid

# Types of layers that are left to Krita.
REASONS = {
    "vectorlayer": "it is a vector layer, which Krita draws sharp in any size",
    "filllayer": "it is a fill layer, which Krita draws sharp in any size",
    "filterlayer": "it is a filter layer, which has no pixels of its own",
    "clonelayer": "it is a clone layer, which follows its source",
    "filelayer": "it is a file layer, whose pixels are in another file",
}


# What happens to a skipped layer, and to several.
LEFT_TO_KRITA = "was left to Krita", "were left to Krita"
NOT_CHANGED = "stays as it is", "stay as they are"
NOT_INCLUDED = "is not in the new document", "are not in the new document"


@dataclass(frozen=True)
class Layers:
    """The chosen layers, by what happens to them.

    Attributes:
        enlarged: the paint layers that AI enlarges, from the bottom up.
        skipped: the name of each other chosen layer, and the reason why AI does not enlarge it.
    """

    enlarged: list
    skipped: list

    def notes(self, what):
        """A sentence for each skipped layer: `what` happens to it, and why."""
        return [f"'{name}' {what}: {reason}." for name, reason in self.skipped]

    def short_note(self, happens):
        """One sentence about all skipped layers, as a list that is empty without any. `happens`: such as LEFT_TO_KRITA."""
        one, several = happens
        if len(self.skipped) == 1:
            return [f"'{self.skipped[0][0]}' {one}."]
        return [f"{len(self.skipped)} layers {several}."] if self.skipped else []


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
        reasons = " ".join(layers.notes("cannot be enlarged by AI"))
        raise invalid(reasons or "no paint layer with pixels is selected; select one")
    return layers


def require_scalable(node):
    """Raises InvalidArgument for a layer that Krita cannot scale with the canvas."""
    if node.type() == "vectorlayer" and not Krita.instance().windows():
        # Krita's worker threads have the GUI thread change shapes. While it waits for them, it only responds if Krita has
        # a window.
        raise invalid(
            f"without a window, Krita can hang when it scales a vector layer such as '{node.name()}'; choose a new document, "
            "or convert the layer to a paint layer"
        )
    if node.type() == "filelayer":
        position = node.position()
        if node.scalingMethod() != "ToImageSize" or position.x() or position.y():
            raise invalid(
                f"Krita cannot scale the file layer '{node.name()}' with the canvas; set it to scale to the image size "
                "(Layer > Properties) and move it to the top left corner, convert it to a paint layer, or choose a new "
                "document"
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
        return REASONS.get(node.type(), f"its type ({node.type()}) is unknown")
    if node.animated():
        return "it is animated; scale it with Krita, or convert its frames to layers first"
    if node.uniqueId() in cloned:
        clone = cloned[node.uniqueId()]
        return f"the clone layer '{clone}' shows it and would lose it; convert the clone to a paint layer first"
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
