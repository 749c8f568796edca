"""What breaks is said, and the document is untouched."""

import os

from enlarge_with_ai.enlarger import Defect, EngineError
from enlarge_with_ai.layers import Layers
from enlarge_with_ai.targets.target import Target
from kit import check, document_of

from .window import CASE, KRITA, becomes, boxes, expect_state, fails, finish, painting, run, said, settled, shown, state


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
    """A network that makes black, and what breaks in the middle: a sentence, the document untouched, the next run works."""
    document = shown(document_of(CASE)[0])
    yield 200
    yield from fails(document, ["one flat colour", "nothing was written"], EngineError, model="black")

    def breaks(self, *arguments):
        raise RuntimeError("broken on purpose")

    whole, Target.read = Target.read, breaks
    try:
        yield from fails(document, ["broken on purpose"])
    finally:
        Target.read = whole
    yield from finish(run(document, "image"))


def engine_panics():
    """An engine library that panics: a sentence, the document untouched, and the next runs work."""
    document = shown(document_of(CASE)[0])
    yield 200
    for _ in range(2):
        yield from fails(document, ["the engine panicked", "nothing was written"], Defect, engine="panics")
    yield from finish(run(document, "image"))


def memory_limit():
    """Less memory than it needs: a sentence, the document untouched."""
    document = shown(document_of(CASE)[0])
    yield 200
    yield from fails(document, ["memory"], memory=1000000)


def krita_fails():
    """Krita refuses in the middle of the change: what was done is undone, and the user is told."""
    from enlarge_with_ai.targets.whole_document import WholeDocument

    document, layers = painting()
    shown(document)
    yield 300
    before = yield from settled(document)
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
    yield from becomes(document, before, "taken back")
