"""The targets: what becomes of the layers, with exact undo and redo."""

from cases import HEIGHT, WIDTH
from enlarge_with_ai.refused_layers import Layers, walk
from kit import add_layer, check, document_of, expect_equal, raw

from .window import BY_NAME, CASE, FOLDER, KRITA, becomes, expect_state, find, finish, painting, run, messages, settled, shown
from .window import state, steps


def whole_document():
    """Everything becomes larger; undo and redo are exact; the document can be saved and opened again."""
    document, layers = painting()
    shown(document)
    yield 300
    document.setActiveNode(layers[2])
    yield 200
    before = yield from settled(document)
    guides = document.horizontalGuides(), document.verticalGuides()
    drawn = find(document, "drawing").bounds()
    started = run(document, "image", Layers(layers, []))
    text = yield from finish(started)
    after = yield from settled(document)
    check(f"takes {started._target.steps} steps" in text, text)
    names = [(node[0], node[1], node[2], node[3]) for node in before["nodes"]]
    check([(n[0], n[1], n[2], n[3]) for n in after["nodes"]] == names, f"{after['nodes']}")
    for name, case in [("rgb-u8", CASE), ("masked", BY_NAME["rgb-u8-offset"]), ("beyond", BY_NAME["rgb-u8-beyond"])]:
        expect_equal(find(document, name), case)
        bounds = find(document, name).bounds()
        rect = bounds.x(), bounds.y(), bounds.width(), bounds.height()
        check(rect == (case.x * 2, case.y * 2, WIDTH * 2, HEIGHT * 2), f"{name} lies at {rect}")
    shapes = find(document, "drawing").bounds(), drawn
    for side in ("x", "y", "width", "height"):
        larger, before_it = (getattr(bounds, side)() for bounds in shapes)
        check(abs(larger - 2 * before_it) <= 3, f"the shapes lie at {shapes[0]}, and were at {shapes[1]}")
    filled = bytes(find(document, "fill").projectionPixelData(0, 0, 122, 94))[3::4]
    check({filled[122 * y + x] for y in range(19) for x in range(39)} == {255}, "the fill layer was not scaled")
    check({filled[122 * y + x] for y in range(22, 94) for x in range(122)} == {0}, "the fill layer was not scaled")
    shape = raw(find(document, "mask"), 0, 0, 122, 94)
    check({shape[122 * y + x] for y in range(18, 64) for x in range(2, 58)} == {255}, "the mask was not scaled")
    check({shape[122 * y + x] for y in range(70, 94) for x in range(122)} == {0}, "the mask was not scaled")
    check(after["selection"][0] == (20, 24, 40, 32), f"selection {after['selection']}")
    check(document.activeNode().name() == "beyond", f"{document.activeNode().name()} is active")
    check([round(g, 2) for g in document.horizontalGuides()] == [2 * round(g, 2) for g in guides[0]], f"guides {document.horizontalGuides()}")
    check([round(g, 2) for g in document.verticalGuides()] == [2 * round(g, 2) for g in guides[1]], f"guides {document.verticalGuides()}")
    count = started._target.steps
    yield from steps("edit_undo", count, document)
    yield from becomes(document, before, "undone")
    yield 300
    near = [round(place, 2) for lines in (document.horizontalGuides(), document.verticalGuides()) for place in lines]
    check(near == [round(g, 2) for lines in guides for g in lines], f"undone: guides {near}")
    yield from steps("edit_redo", count, document)
    yield from becomes(document, after, "redone")
    yield 300
    check([round(g, 2) for g in document.verticalGuides()] == [2 * round(g, 2) for g in guides[1]], "redone: guides")
    path = f"{FOLDER}/saved.kra"
    check(document.saveAs(path), "Krita could not save it")
    again = KRITA.openDocument(path)
    again.setBatchmode(True)
    opened = yield from settled(again)
    expect_state(opened, {key: after[key] for key in ("size", "nodes")}, "opened again")
    return f"{count} steps"


def simple_document():
    """A document of paint layers only: Krita has nothing to scale."""
    document, _ = document_of(CASE)
    add_layer(document, BY_NAME["rgb-u8-offset"], "second")
    shown(document)
    yield 300
    before = yield from settled(document)
    started = run(document, "image")
    yield from finish(started)
    after = yield from settled(document)
    expect_equal(find(document, "rgb-u8"), CASE)
    expect_equal(find(document, "second"), BY_NAME["rgb-u8-offset"])
    count = started._target.steps
    check(count == 5, f"{count} steps")
    for _ in range(2):
        yield from steps("edit_undo", count, document)
        yield from becomes(document, before, "undone")
        yield from steps("edit_redo", count, document)
        yield from becomes(document, after, "redone")


def same_size():
    """At the same size there is only one undo step, for adding the layer."""
    document = shown(document_of(CASE)[0])
    add_layer(document, CASE, "earlier")
    yield 300
    before = yield from settled(document)
    started = run(document, "new-layer", Layers([find(document, CASE.name)], []), factor=1.0)
    yield from finish(started)
    check(started._target.steps == 1, f"{started._target.steps} steps")
    expect_equal(find(document, f"{CASE.name} (enlarged)"), CASE, "x1")
    yield from steps("edit_undo", 1, document)
    yield from becomes(document, before, "undone")


def new_layer():
    """The result is a new layer above its layer, which stays."""
    document, layers = painting()
    shown(document)
    yield 300
    before = yield from settled(document)
    started = run(document, "new-layer", Layers(layers[:2], []))
    yield from finish(started)
    names = [node.name() for node in walk(document.rootNode()) if node.type() != "selectionmask"]
    check(
        names
        == ["rgb-u8", "rgb-u8 (enlarged)", "group", "other", "masked", "mask", "masked (enlarged)", "mask", "beyond", "drawing", "fill", "filter"],
        f"{names}",
    )
    expect_equal(find(document, "rgb-u8 (enlarged)"), CASE)
    expect_equal(find(document, "masked (enlarged)"), BY_NAME["rgb-u8-offset"])
    yield from steps("edit_undo", started._target.steps, document)
    yield from becomes(document, before, "undone")


def new_document():
    """The result is a document in its own window; the original document is unchanged."""
    document, layers = painting()
    shown(document)
    yield 300
    before = yield from settled(document)
    recent = KRITA.recentDocuments()
    started = run(document, "new-image", Layers(layers[:1], []), layers_only=True)
    yield from finish(started)
    yield 300
    made = KRITA.activeDocument()
    check(made != document and (made.width(), made.height()) == (122, 94), "the new document is not the active one")
    check(made.modified(), "the new document counts as saved")
    expect_equal(made.topLevelNodes()[0], CASE)
    expect_state(state(document), before, "the source")
    check(KRITA.recentDocuments() == recent, f"recent documents: {KRITA.recentDocuments()}")


def in_place():
    """Restored inside the selection; undo and redo are exact."""
    document, layers = painting()
    shown(document)
    yield 300
    before = yield from settled(document)
    started = run(document, "in-place", Layers([layers[0]], []))
    yield from finish(started)
    after = yield from settled(document)
    changed = [a[0] for a, b in zip(after["nodes"], before["nodes"]) if a != b]
    check(changed == ["rgb-u8"], f"{changed} changed")
    yield from steps("edit_undo", 2, document)
    yield from becomes(document, before, "undone")
    yield from steps("edit_redo", 2, document)
    yield from becomes(document, after, "redone")


def linked_file():
    """A file layer is scaled if Krita can scale it, and refused if not."""
    document, _ = document_of(CASE)
    path = f"{FOLDER}/pictures/rgb-u8-clay.tif"
    for name, method in [("follows", "ToImageSize"), ("stays", "None")]:
        document.rootNode().addChildNode(document.createFileLayer(name, path, method), None)
    shown(document)
    yield lambda: find(document, "follows").bounds().width() == WIDTH
    before = yield from settled(document)
    started = run(document, "image")
    text = messages()
    check(started is None and "'stays'" in text and "new document" in text, text)
    expect_state(state(document), before, "after the message")
    find(document, "stays").remove()
    document.waitForDone()
    before = yield from settled(document)
    started = run(document, "image")
    text = yield from finish(started)
    check("'follows' was left to Krita" in text, text)
    yield lambda: find(document, "follows").bounds().width() == 2 * WIDTH
    after = yield from settled(document)
    count = started._target.steps
    yield from steps("edit_undo", count, document)
    yield lambda: find(document, "follows").bounds().width() == WIDTH
    yield from becomes(document, before, "undone")
    yield from steps("edit_redo", count, document)
    yield lambda: find(document, "follows").bounds().width() == 2 * WIDTH
    yield from becomes(document, after, "redone")
