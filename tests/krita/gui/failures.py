"""What breaks is said, and the document is untouched."""

import os

from enlarge_with_ai.enlarger import Defect, EngineError
from enlarge_with_ai.layers import Layers
from kit import check, document_of

from .window import CASE, KRITA, boxes, expect_state, finish, painting, run, said, shown, state


def library_missing():
    """Without the library: a sentence, and Krita goes on."""
    os.environ["ENLARGER_LIBRARY"] = "/nowhere/libenlarger.so.1"
    try:
        document = shown(document_of(CASE)[0])
        yield 200
        before = state(document)
        KRITA.action("enlarge_with_ai_image").trigger()
        yield lambda: boxes()
        text = said()
        check("/nowhere/libenlarger.so.1" in text and "Install Enlarger again" in text, text)
        expect_state(state(document), before, "after the message")
    finally:
        del os.environ["ENLARGER_LIBRARY"]


def engine_fails():
    """A network that makes black, an engine that fails, or panics, in the middle: a sentence, the document untouched, and
    the next run works.
    """
    from enlarge_with_ai.enlarger.upscaler import Upscaler

    document = shown(document_of(CASE)[0])
    yield 200
    before = state(document)
    started = run(document, "image", model="black")
    yield lambda: started.done
    check(isinstance(started.failure, EngineError), f"{started.failure!r}")
    text = said()
    check("one flat colour" in text and "nothing was written" in text, text)
    expect_state(state(document), before, "black")

    whole = Upscaler.stream
    for kind, name in [(EngineError, "ENL_ERROR_INFERENCE"), (Defect, "ENL_ERROR_PANIC"), (RuntimeError, None)]:
        document = shown(document_of(CASE)[0])
        yield 200
        before = state(document)

        def failing(self, read, write, *arguments, **named):
            rows = []

            def breaks(y, row):
                rows.append(row)
                if len(rows) > 20:
                    raise kind("the engine broke on purpose", -1, name) if name else kind("the engine broke on purpose")
                return write(y, row)

            return whole(self, read, breaks, *arguments, **named)

        Upscaler.stream = failing
        try:
            started = run(document, "image")
            yield lambda: started.done
        finally:
            Upscaler.stream = whole
        text = said()
        check("broke on purpose" in text, text)
        expect_state(state(document), before, kind.__name__)
        # The next run works.
        yield from finish(run(document, "image"))


def memory_limit():
    """Less memory than it needs: a sentence, the document untouched."""
    document = shown(document_of(CASE)[0])
    yield 200
    before = state(document)
    started = run(document, "image", memory=1000000)
    yield lambda: boxes() and (started is None or started.done)
    text = said()
    check("memory" in text, text)
    expect_state(state(document), before, "after the message")


def krita_fails():
    """Krita refuses in the middle of the change: what was done is undone, and the user is told."""
    from enlarge_with_ai.targets.whole_document import WholeDocument

    document, layers = painting()
    shown(document)
    yield 300
    before = state(document)
    whole = WholeDocument._add

    def failing(self, *arguments):
        raise RuntimeError("Krita broke on purpose")

    WholeDocument._add = failing
    try:
        started = run(document, "image", Layers(layers, []))
        yield lambda: started.done
    finally:
        WholeDocument._add = whole
    text = said()
    check("broke on purpose" in text and "Edit > Undo" not in text, text)
    expect_state(state(document), before, "taken back")
