"""Which layers are enlarged by AI, and which are left to Krita, with the reason as a sentence.

Groups stand for what is in them, masks for their layer. What Krita draws anew in any size (vector, fill) is sharper so.
What would be wrong by AI (an animation frame by frame, the source of a clone) must never be done silently.
"""

from dataclasses import dataclass

from .enlarger.errors import invalid

KINDS = {
    "vectorlayer": "a vector layer, which Krita draws sharp in any size",
    "filllayer": "a fill layer, which Krita draws anew in any size",
    "filterlayer": "a filter layer, which has no pixels of its own",
    "clonelayer": "a clone layer, which follows its source",
    "filelayer": "a file layer, whose pixels are in another file",
}


@dataclass(frozen=True)
class Layers:
    """Attributes:
        enlarged: the paint layers to enlarge, from the bottom up.
        left: name and reason of each layer that was chosen and is not enlarged by AI.
    """

    enlarged: list
    left: list

    def told(self, what):
        """A sentence for each layer that is left: what happens to it, and why."""
        return [f"'{name}' {what}: it is {reason}." for name, reason in self.left]


def walk(node):
    """All nodes below a node, from the bottom up."""
    for child in node.childNodes():
        yield child
        yield from walk(child)


def chosen_layers(document, view=None):
    """The layers of a document, or those that are chosen in a view."""
    chosen = document.topLevelNodes() if view is None else view.selectedNodes() or [document.activeNode()]
    wanted = {node.uniqueId() for root in chosen if root is not None for node in _leaves(root)}
    cloned = _sources_of_clones(document)
    enlarged, left = [], []
    for node in walk(document.rootNode()):
        if node.uniqueId() not in wanted:
            continue
        reason = _reason(node, cloned)
        if reason:
            left.append((node.name(), reason))
        elif not node.bounds().isEmpty():
            enlarged.append(node)
    layers = Layers(enlarged, left)
    if not enlarged:
        said = " ".join(layers.told("cannot be enlarged by AI"))
        raise invalid(said or "there is no paint layer with pixels among the chosen ones; choose one")
    return layers


def _leaves(node):
    if node.type() == "grouplayer":
        for child in node.childNodes():
            if not child.type().endswith("mask"):
                yield from _leaves(child)
    elif node.type().endswith("mask"):
        yield from _leaves(node.parentNode())
    else:
        yield node


def _reason(node, cloned):
    """Why a layer is left to Krita; None if it is not."""
    if node.type() != "paintlayer":
        return KINDS.get(node.type(), f"of a kind that is not known here ({node.type()})")
    if node.animated():
        return "animated; enlarge its frames with Krita, or turn them into layers first"
    if node.uniqueId() in cloned:
        clone = cloned[node.uniqueId()]
        return f"what the clone layer '{clone}' shows, which would lose it; turn the clone into a paint layer first"
    return None


def _sources_of_clones(document):
    """The identifiers of layers that clone layers show, each with a clone's name. What is in a cloned group counts too."""
    sources = {}
    for node in walk(document.rootNode()):
        if node.type() == "clonelayer":
            source = node.sourceNode()
            if source is not None:
                for shown in [source, *walk(source)]:
                    sources[shown.uniqueId()] = node.name()
    return sources
