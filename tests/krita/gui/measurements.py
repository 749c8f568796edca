"""Measurements and pictures instead of tests; they run only if ENLARGER_KRITA_ONLY is their name."""

import time

from kit import close, picture, swapped

from .window import KRITA, Ticker, extension, finish, run, messages, ready, screenshot, shown

ROUNDS = 3
TITLE = """<svg xmlns="http://www.w3.org/2000/svg" width="257pt" height="199pt" viewBox="0 0 257 199">
<rect x="8" y="159" width="231" height="30" rx="6" fill="#202020" fill-opacity="0.6"/>
<text x="16" y="180" font-size="18" fill="#ffe060">A cat, twice as large</text></svg>"""


def speed():
    """12 megapixels with a network that takes no time (see the script `speed`): the fastest of some rounds, the worst gap."""
    rounds = {"new-image": [], "image": []}
    for _ in range(ROUNDS):
        for target, measured in rounds.items():
            shown(twelve_megapixels())
            yield 3000
            yield from measure(target, measured)
            for document in KRITA.documents():
                close(document)
            yield 500
    return "; ".join(f"{target}: {described(measured)}" for target, measured in rounds.items())


def measure(target, measured):
    """One run. Adds (total seconds, seconds to compute, processor seconds to compute, worst gap while computing, worst gap
    while the document changes, peak MiB while computing).
    """
    before = memory("VmRSS", reset=True)
    began, processors = time.monotonic(), time.process_time()
    started, ticker = run(KRITA.activeDocument(), target, model="nearest"), Ticker()
    while not started._target.applying and not started.done:
        yield 5
    computed, computing, taken = time.monotonic() - began, ticker.stop(), memory("VmHWM") - before
    processors = time.process_time() - processors
    ticker = Ticker()
    while not started.done:
        yield 5
    seconds, changing = time.monotonic() - began, ticker.stop()
    yield from finish(started)
    measured.append((seconds, computed, processors, computing, changing, taken))


def described(measured):
    seconds, computed, processors, _, _, taken = min(measured)
    computing, changing = (max(one[gap] for one in measured) for gap in (3, 4))
    return (
        f"{seconds:.2f} s and {taken:.0f} MiB; {computed:.2f} s until all is computed and written ({processors:.2f} s of the "
        f"processors, worst gap {computing} ms), the rest Krita's changes (worst gap {changing} ms)"
    )


def twelve_megapixels():
    width, height, _, _, pixels = picture("large")
    document = KRITA.createDocument(width, height, "large", "RGBA", "U8", "", 300.0)
    document.setBatchmode(True)
    node = document.createNode("large", "paintlayer")
    document.rootNode().addChildNode(node, None)
    node.setPixelData(swapped(pixels, "RGBA", "U8"), 0, 0, width, height)
    document.topLevelNodes()[0].remove()
    document.refreshProjection()
    return document


def memory(name, reset=False):
    """The MiB that this process uses (VmRSS), or the most since the last reset (VmHWM)."""
    if reset:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(f"{name}:"))


def photo():
    """The picture of the README: the dialog over a photo with a title."""
    document = KRITA.openDocument("/enlarger/tests/data/cat.png")
    title = document.createVectorLayer("Title")
    document.rootNode().addChildNode(title, None)
    title.addShapesFromSvg(TITLE)
    shown(document)
    window = KRITA.activeWindow().qwindow()
    window.showMaximized()
    yield 1500
    KRITA.action("zoom_to_fit").trigger()
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    box = extension()._dialog
    yield lambda: ready(box)
    yield 1500
    screenshot("photo")
    for page in ("more", "advanced"):
        box.pages.setCurrentIndex(box.pages.currentIndex() + 1)
        yield 500
        screenshot(f"photo {page}")
    box.ok.click()
    yield lambda: extension()._run is not None
    yield lambda: extension()._run is None
    messages()
    KRITA.action("zoom_to_fit").trigger()
    yield 1500
    screenshot("photo enlarged")
