"""During a run: Krita responds, and the user cancels, closes the document, paints, or quits."""

import time

from kit import check

from .window import PROMPT, Ticker, expect_state, extension, find, finish, large, listed, message_boxes, messages, run
from .window import screenshot, state


def responsive():
    """Krita responds while the network runs and while strips are written."""
    document = large()
    yield 500
    started = run(document, "image", tile=64)
    yield lambda: started._window.bar.value() > 0
    ticker, began = Ticker(), time.monotonic()
    fractions = []
    while not started._target.applying and not started.done:
        if started._window is not None:
            fractions.append(started._window.bar.value())
        # Later pauses are due to Krita's scaling.
        worst = round(ticker.worst * 1000)
        yield 20
    seconds = time.monotonic() - began
    ticker.stop()
    screenshot("progress")
    yield from finish(started)
    check(fractions == sorted(fractions) and len(set(fractions)) > 5, f"progress {fractions}")
    check(ticker.ticks > 5 * seconds, f"{ticker.ticks} ticks in {seconds:.1f} s")
    check(worst < 1000 * PROMPT, f"Krita did not respond for {worst} ms")
    return f"worst gap {worst} ms in {seconds:.1f} s"


def cancel():
    """Cancelled half-way: it takes at most half a second, the document is unchanged, and the next run can start."""
    document = large()
    yield 500
    before, taken, limit = state(document), [], 0.5
    # Other programs run beside the tests and may take the processor for a while, so one of five tries must be within the limit.
    while len(taken) < 5 and (not taken or taken[-1] > limit):
        started = run(document, "image", tile=64)
        yield lambda: started._window is not None and started._window.bar.value() > 250
        screenshot("progress")
        ticker, began = Ticker(), time.monotonic()
        started._window.button.click()
        yield lambda: started.done
        taken.append(time.monotonic() - began)
        worst = ticker.stop()
        check(started.cancelled and not message_boxes(), "there is a message about a cancellation")
        check(extension()._run is None, "the next run would be refused")
        expect_state(state(document), before, "cancelled")
    check(taken[-1] <= limit, f"cancelling took {taken} s")
    return f"{taken[-1] * 1000:.0f} ms, worst gap {worst} ms"


def closed_meanwhile():
    """The document is closed half-way: nothing is done, a message says so, and Krita continues."""
    document = large()
    yield from listed(document)
    started = run(document, "image", tile=64)
    yield lambda: started._window is not None and started._window.bar.value() > 250
    document.setModified(False)
    document.close()
    yield lambda: started.done
    text = messages()
    check("closed" in text, text)
    check(started._job._worker is None or not started._job._worker.is_alive(), "the worker is still running")
    yield 300


def changed_meanwhile():
    """The user paints on a layer half-way: nothing is applied, and a message says so."""
    document = large()
    yield 500
    started = run(document, "image", tile=64)
    yield lambda: started._window is not None and started._window.bar.value() > 250
    find(document, "large").setPixelData(bytes(4), 9, 9, 1, 1)
    before = state(document)
    yield lambda: started.done
    text = messages()
    check("changed" in text, text)
    expect_state(state(document), before, "after the message")


def quit_meanwhile():
    """Krita quits half-way: it waits for the worker."""
    document = large()
    yield 500
    started = run(document, "image", tile=64)
    yield lambda: started._window is not None and started._window.bar.value() > 250
    before, began = state(document), time.monotonic()
    extension().close()
    seconds = time.monotonic() - began
    check(not started._job._worker.is_alive(), "the worker is still running")
    check(seconds < PROMPT, f"it took {seconds:.2f} s")
    expect_state(state(document), before, "after closing")
    yield 200
