"""Taking back an enlargement: offered while its steps are the last ones, and exact."""

from enlarge_with_ai import take_back
from enlarge_with_ai.qt import QtWidgets
from enlarge_with_ai.refused_layers import Layers
from kit import add_layer, check, document_of

from .window import BY_NAME, CASE, KRITA, Ticker, becomes, close_documents, expect_state, extension, finish, message_boxes
from .window import messages, painting, run, settled, shown, state, steps


# Without a network: only what becomes of the document is tested.
QUICK = {"method": "bicubic", "engine": None}


def action():
    return KRITA.action(take_back.ACTION)


def ended():
    """Whether nothing is being taken back."""
    return all(one._window is None for one in extension()._take_backs)


def take_back_button():
    """The button in the message undoes everything: pixels, sizes, masks, resolution, guides and information."""
    document, layers = painting()
    shown(document)
    yield 300
    document.setActiveNode(layers[0])
    yield lambda: document.activeNode().name() == layers[0].name()
    before = yield from settled(document)
    guides = document.horizontalGuides(), document.verticalGuides()
    check(not action().isEnabled(), "there is nothing to take back")
    started = run(document, "image", Layers(layers, []))
    yield lambda: started.done and message_boxes()
    box = message_boxes()[0]
    button = next(b for b in box.findChildren(QtWidgets.QPushButton) if b.text().replace("&", "") == "Take it back")
    check("Ctrl+Alt+Z" in box.text(), box.text())
    check(action().isEnabled(), "the menu does not offer it")
    yield from settled(document)
    ticker = Ticker()
    button.click()
    yield lambda: not message_boxes()
    yield lambda: ended() and not action().isEnabled()
    worst = ticker.stop()
    yield from becomes(document, before, "taken back")
    yield lambda: (document.horizontalGuides(), document.verticalGuides()) == guides
    check("Enlarger" not in document.documentInfo(), f"the information still says {document.documentInfo()}")
    # Krita may choose a layer itself a moment after the last step.
    yield lambda: document.activeNode().name() == layers[0].name()
    # Redo goes forward again, and then it is offered again.
    yield from steps("edit_redo", started._target.steps, document)
    return f"{started._target.steps} steps, worst gap {worst} ms"


def take_back_offered():
    """The menu offers it exactly while the steps are the last ones, for each document, and several after one another."""
    document, _ = document_of(CASE)
    add_layer(document, BY_NAME["rgb-u8-offset"], "second")
    shown(document)
    yield 300
    first = yield from settled(document)
    yield from finish(run(document, "image", **QUICK))
    second = yield from settled(document)
    yield from finish(run(document, "in-place", **QUICK))
    yield from settled(document)
    check(action().isEnabled(), "it is not offered after the second run")
    # The user does something else: not offered; undoes it: offered again.
    add_layer(document, CASE, "later")
    yield lambda: not action().isEnabled()
    yield from steps("edit_undo", 1, document)
    yield lambda: action().isEnabled()
    # One of its own steps is undone and redone.
    yield from steps("edit_undo", 1, document)
    yield lambda: not action().isEnabled()
    yield from steps("edit_redo", 1, document)
    yield lambda: action().isEnabled()
    # In another document there is nothing to take back.
    other = shown(document_of(CASE)[0])
    yield lambda: not action().isEnabled()
    untouched = state(other)
    extension().take_back()
    yield 200
    expect_state(state(other), untouched, "the other document")
    yield from close_documents(other)
    KRITA.setActiveDocument(document)
    yield lambda: KRITA.activeDocument() == document and action().isEnabled()
    for expected in (second, first):
        action().trigger()
        yield from becomes(document, expected, "taken back")
        yield ended
    yield lambda: not action().isEnabled()


def take_back_unknown():
    """Where Krita does not show its history, nothing is offered, and the message says how often to undo."""
    from enlarge_with_ai import undo_history

    document, layers = painting()
    shown(document)
    yield 300
    before = yield from settled(document)
    docker, undo_history.DOCKER = undo_history.DOCKER, "NoSuchDocker"
    try:
        started = run(document, "image", Layers(layers, []), **QUICK)
        yield lambda: started.done and message_boxes()
        count = started._target.steps
        box = message_boxes()[0]
        labels = [button.text().replace("&", "") for button in box.findChildren(QtWidgets.QPushButton)]
        check("Take it back" not in labels, f"{labels}")
        check(f"undo {count} times" in messages(), "the message does not say how often")
        check(not action().isEnabled(), "the menu offers it")
    finally:
        undo_history.DOCKER = docker
    yield from steps("edit_undo", count, document)
    yield from becomes(document, before, "undone")
