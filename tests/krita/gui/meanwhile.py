"""What happens while the network works: Krita answers, and a user cancels, closes, paints or quits."""

import time

from kit import check

from .window import Heart, boxes, expect_state, extension, find, finish, large, run, said, screenshot, state


def alive():
    """Krita answers while the network works, and while strips are written."""
    document = large()
    yield 500
    started = run(document, "image", tile=64)
    yield lambda: started._window.bar.value() > 0
    heart, began = Heart(), time.monotonic()
    fractions = []
    while not started._target.applying and not started.done:
        if started._window is not None:
            fractions.append(started._window.bar.value())
        # What comes after belongs to Krita's scaling.
        worst = round(heart.worst * 1000)
        yield 20
    seconds = time.monotonic() - began
    heart.stop()
    screenshot("progress")
    yield from finish(started)
    check(fractions == sorted(fractions) and len(set(fractions)) > 5, f"progress {fractions}")
    check(heart.beats > 20 * seconds, f"{heart.beats} beats in {seconds:.1f} s")
    # Far from what is wanted (100 ms), because this is no measurement: other programs run beside the tests.
    check(worst < 1000, f"Krita did not answer for {worst} ms")
    return f"worst gap {worst} ms in {seconds:.1f} s"


def cancel():
    """Cancelled half-way: an answer within half a second, the document untouched, and it can be done again."""
    document = large()
    yield 500
    before = state(document)
    started = run(document, "image", tile=64)
    yield lambda: started._window is not None and started._window.bar.value() > 250
    screenshot("progress")
    heart, began = Heart(), time.monotonic()
    started._window.button.click()
    yield lambda: started.done
    seconds = time.monotonic() - began
    worst = heart.stop()
    check(started.cancelled and not boxes(), "a cancel is no failure")
    check(seconds <= 0.5, f"the answer took {seconds:.2f} s")
    check(extension()._run is None, "the next one would be refused")
    expect_state(state(document), before, "cancelled")
    return f"{seconds * 1000:.0f} ms, worst gap {worst} ms"


def closed_meanwhile():
    """The document is closed half-way: nothing is done, the user is told, Krita lives."""
    document = large()
    yield 500
    started = run(document, "image", tile=64)
    yield lambda: started._window is not None and started._window.bar.value() > 250
    document.setModified(False)
    document.close()
    yield lambda: started.done
    text = said()
    check("closed" in text, text)
    check(started._job._worker is None or not started._job._worker.is_alive(), "the worker still works")
    yield 300


def changed_meanwhile():
    """A layer is painted on half-way: nothing is applied, the user is told."""
    document = large()
    yield 500
    started = run(document, "image", tile=64)
    yield lambda: started._window is not None and started._window.bar.value() > 250
    find(document, "large").setPixelData(bytes(4), 9, 9, 1, 1)
    before = state(document)
    yield lambda: started.done
    text = said()
    check("changed" in text, text)
    expect_state(state(document), before, "after the message")


def quit_meanwhile():
    """Krita goes half-way: the worker is waited for."""
    document = large()
    yield 500
    started = run(document, "image", tile=64)
    yield lambda: started._window is not None and started._window.bar.value() > 250
    before, began = state(document), time.monotonic()
    extension().close()
    seconds = time.monotonic() - began
    check(not started._job._worker.is_alive(), "the worker still works")
    check(seconds < 1.0, f"it took {seconds:.2f} s")
    expect_state(state(document), before, "after closing")
    yield 200
