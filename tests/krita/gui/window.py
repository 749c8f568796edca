"""What the tests in Krita's window share: documents, their state, and how a run is started."""

import os
import subprocess
import time

import enlarge_with_ai
from krita import InfoObject, Krita, Selection

from cases import CASES, FACTOR
from enlarge_with_ai.refused_layers import eligible_layers, walk
from enlarge_with_ai.qt import QtCore, QtWidgets
from enlarge_with_ai.settings import Settings
from kit import ENGINE, add_layer, add_mask, check, document_of, raw

KRITA = Krita.instance()
BY_NAME = {case.name: case for case in CASES}
CASE = BY_NAME["rgb-u8"]
FOLDER = os.environ["ENLARGER_KRITA_TESTS"]
# Seconds. Krita should respond within 100 ms, and a cancelled run should end within half a second. Other programs run beside the
# tests, so the tests allow more.
PROMPT = 5
# Milliseconds until Krita's list of layers knows of all changes, and then until it has shown them.
KNOWN, LISTED = 200, 1300
DRAWN_LATER = ("vectorlayer", "filllayer", "filelayer")
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="61px" height="47px" viewBox="0 0 61 47">
<rect x="30" y="6" width="20" height="12" fill="#c02040"/><text x="4" y="40" font-size="12" fill="#2040c0">Krita</text></svg>"""


def extension():
    # Not Krita.extensions(): in Krita 6 it deletes the extensions that it returns.
    return enlarge_with_ai.EXTENSION


def shown(document):
    """Shows a document in the window."""
    KRITA.activeWindow().addView(document)
    KRITA.setActiveDocument(document)
    document.waitForDone()
    return document


def state(document):
    """Everything that undo must restore: sizes, layers, pixels and the selection."""
    selection = document.selection()
    place = selection and (selection.x(), selection.y(), selection.width(), selection.height())
    nodes = []
    for node in walk(document.rootNode()):
        bounds = node.bounds()
        rect = bounds.x(), bounds.y(), bounds.width(), bounds.height()
        pixels = b""
        if node.type() in ("paintlayer", "transparencymask"):
            pixels = raw(node, *rect)
        elif node.type() in ("vectorlayer", "filelayer"):
            pixels = bytes(node.projectionPixelData(*rect))
        nodes.append((node.name(), node.type(), node.opacity(), node.blendingMode(), rect, hash(pixels)))
    return {
        "size": (document.width(), document.height()),
        "resolution": (document.xRes(), document.yRes()),
        "nodes": nodes,
        "selection": place and (place, hash(bytes(selection.pixelData(*place)))),
    }


def expect_state(found, expected, what):
    for key in expected:
        check(found[key] == expected[key], f"{what}: {key} is {found[key]}, and was {expected[key]}")


def settled(document):
    """Waits until nothing changes any more, because Krita draws shapes and fills a little later; returns the state."""
    last, until = None, time.monotonic() + 60
    while True:
        check(time.monotonic() < until, f"the document still changes: {last}")
        now = state(document)
        drawn = all(not node.bounds().isEmpty() for node in walk(document.rootNode()) if node.type() in DRAWN_LATER)
        if drawn and now == last:
            return now
        last = now
        yield 300


def becomes(document, expected, what):
    """Waits until the document has that state; fails if it takes too long."""
    until = time.monotonic() + 20
    while state(document) != expected and time.monotonic() < until:
        yield 100
    expect_state(state(document), expected, what)


def ready(box):
    """Whether the preview shows what was asked for last."""
    preview = box.preview.preview
    return (
        not box._delay.isActive()
        and not box.preview._delay.isActive()
        and not preview.busy
        and not preview.outdated
        and preview.patch is not None
    )


def find(document, name):
    return next(node for node in walk(document.rootNode()) if node.name() == name)


def run(document, target, layers=None, layers_only=False, factor=FACTOR, **options):
    """Starts a run, as the dialog does."""
    from enlarge_with_ai.enlarger.upscaler_cache import UpscalerCache

    enlarging = extension()
    if enlarging._upscalers is None:
        enlarging._upscalers = UpscalerCache()
    settings = Settings(target, "factor", float(factor), {**ENGINE, **options})
    parent = KRITA.activeWindow().qwindow()
    started = enlarging.start(settings, document, layers or eligible_layers(document), layers_only, parent)
    return started


def finish(started):
    """Waits for a run that must succeed; returns the text of its message boxes."""
    yield lambda: started.done
    check(started.failure is None, f"{started.failure!r}")
    return messages()


def fails(document, words, kind=Exception, **options):
    """A run that must fail: with this exception, these words in its message, and an unchanged document."""
    before = state(document)
    started = run(document, "image", **options)
    # A run that cannot start only has a message.
    yield lambda: started.done if started else message_boxes()
    if started:
        check(isinstance(started.failure, kind), f"{started.failure!r}")
    text = messages()
    check(all(word in text for word in words), text)
    expect_state(state(document), before, f"after '{words[0]}'")


def listed(*documents):
    """Waits until Krita's list of layers has shown all changes, which it does a second after them. Krita 5.2 and 6.0 crash if a
    document is closed before that (in KisNodeModel::processUpdateQueue).
    """
    for document in documents:
        document.waitForDone()
    if documents:
        yield KNOWN
        yield LISTED


def close_documents(*documents):
    """Closes documents without saving them."""
    yield from listed(*documents)
    for document in documents:
        document.setModified(False)
        document.close()


def steps(name, count, document):
    """Undoes or redoes, one step in each turn of the event loop, as soon as Krita allows it."""
    for _ in range(count):
        yield lambda: KRITA.action(name).isEnabled()
        # Krita silently ignores an undo while the image is busy, also with its smaller versions for the screen.
        document.waitForDone()
        KRITA.action(name).trigger()
        document.waitForDone()
        yield 60


def message_boxes():
    return [
        widget
        for widget in QtWidgets.QApplication.topLevelWidgets()
        if isinstance(widget, QtWidgets.QMessageBox) and widget.isVisible()
    ]


def messages():
    """The text of the message boxes, with the details that they have on demand; closes them."""
    texts = []
    for box in message_boxes():
        texts.append(f"{box.text()}\n{box.detailedText()}")
        box.done(0)
    return "\n".join(texts)


def screenshot(name):
    subprocess.call(["import", "-window", "root", f"{FOLDER}/{name}.png"])


def painting():
    """A document with layers, a group, a mask, shapes with text, a fill layer, a selection, guides, and pixels outside the
    canvas.
    """
    document, low = document_of(CASE)
    group = document.createGroupLayer("group")
    document.rootNode().addChildNode(group, None)
    add_layer(document, CASE, "other", group)
    masked = add_layer(document, BY_NAME["rgb-u8-offset"], "masked", group)
    masked.setOpacity(120)
    masked.setBlendingMode("multiply")
    add_mask(document, masked, 0, 8, 30, 25)
    beyond = add_layer(document, BY_NAME["rgb-u8-beyond"], "beyond")
    beyond.setOpacity(77)
    drawing = document.createVectorLayer("drawing")
    document.rootNode().addChildNode(drawing, None)
    check(len(drawing.addShapesFromSvg(DRAWING)) == 2, "Krita does not accept the shapes")
    drawing.setOpacity(200)
    red = InfoObject()
    red.setProperty("color", "#ff0000")
    corner = Selection()
    corner.select(0, 0, 20, 10, 255)
    document.rootNode().addChildNode(document.createFillLayer("fill", "color", red, corner), None)
    # A filter layer has no pixels to enlarge.
    document.rootNode().addChildNode(document.createFilterLayer("filter", KRITA.filter("invert"), Selection()), None)
    area = Selection()
    area.select(10, 12, 20, 16, 255)
    document.setSelection(area)
    document.setHorizontalGuides([10.0])
    document.setVerticalGuides([7.0, 20.0])
    document.refreshProjection()
    document.waitForDone()
    return document, [low, masked, beyond]


def large(width=200, height=150):
    """A document whose enlargement takes some seconds."""
    document = KRITA.createDocument(width, height, "large", "RGBA", "U8", "", 300.0)
    document.setBatchmode(True)
    node = document.createNode("large", "paintlayer")
    document.rootNode().addChildNode(node, None)
    row = bytes((x * 7 + x // 9 * 31) & 255 for x in range(width * 4))
    for y in range(height):
        node.setPixelData(row[y % 97 * 4 :] + row[: y % 97 * 4], 0, y, width, 1)
    document.topLevelNodes()[0].remove()
    document.refreshProjection()
    return shown(document)


class Ticker:
    """A timer of 10 ms; the longest gap between two ticks is how long Krita did not respond."""

    def __init__(self):
        self.worst, self.ticks, self._last = 0.0, 0, time.monotonic()
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(10)

    def _tick(self):
        now = time.monotonic()
        self.worst, self.ticks, self._last = max(self.worst, now - self._last), self.ticks + 1, now

    def stop(self):
        self._timer.stop()
        return round(self.worst * 1000)
