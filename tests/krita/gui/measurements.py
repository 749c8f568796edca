"""No tests: run only when they are asked for by their names."""

import time

from kit import picture, swapped

from .window import KRITA, Heart, extension, finish, run, screenshot, shown


def speed():
    """Not a test but a measurement, of 12 megapixels with a network that costs nothing (see `speed`)."""
    from kit import picture, swapped

    width, height, _, _, pixels = picture("large")
    document = KRITA.createDocument(width, height, "large", "RGBA", "U8", "", 300.0)
    document.setBatchmode(True)
    node = document.createNode("large", "paintlayer")
    document.rootNode().addChildNode(node, None)
    node.setPixelData(swapped(pixels, "RGBA", "U8"), 0, 0, width, height)
    document.topLevelNodes()[0].remove()
    document.refreshProjection()
    shown(document)
    yield 3000
    answers = []
    for target in ("new-image", "image"):
        began = time.monotonic()
        started = run(document, target, model="nearest")
        begun, heart = time.monotonic() - began, Heart()
        while not started._target.applying and not started.done:
            yield 5
        computed, computing = time.monotonic() - began, heart.stop()
        heart = Heart()
        yield from finish(started)
        seconds, applying = time.monotonic() - began, heart.stop()
        answers.append(
            f"{target}: {seconds:.1f} s, of which {begun:.1f} s to begin, {computed - begun:.1f} s computing (worst gap "
            f"{computing} ms), {seconds - computed:.1f} s changing Krita (worst gap {applying} ms)"
        )
    return "; ".join(answers)


def photo():
    """Not a test but a picture for the README: the dialog over a photo."""
    document = KRITA.openDocument("/enlarger/tests/data/cat.png")
    shown(document)
    window = KRITA.activeWindow().qwindow()
    window.showMaximized()
    yield 1500
    KRITA.action("enlarge_with_ai_image").trigger()
    yield lambda: extension()._dialog is not None
    yield 1500
    screenshot("photo")
    extension()._dialog.reject()
    yield 300
