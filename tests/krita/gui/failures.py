"""Failures are explained, and the document stays as it was."""

import os

from enlarge_with_ai.enlarger import Defect, EngineError
from enlarge_with_ai.refused_layers import Layers
from enlarge_with_ai.targets.target import Target
from kit import check, document_of

from .window import CASE, KRITA, becomes, message_boxes, expect_state, fails, finish, painting, run, messages, settled, shown, state


def library_missing():
    """Without the library: a message, and Krita continues."""
    os.environ["ENLARGER_LIBRARY"] = "/nowhere/libenlarger.so.1"
    try:
        document = shown(document_of(CASE)[0])
        yield 200
        before = state(document)
        KRITA.action("enlarge_with_ai_image").trigger()
        yield lambda: message_boxes()
        text = messages()
        check("/nowhere/libenlarger.so.1" in text and "Install Enlarger again" in text, text)
        expect_state(state(document), before, "after the message")
    finally:
        del os.environ["ENLARGER_LIBRARY"]


def engine_fails():
    """A network that makes black, and a failure during a run: a message, an unchanged document, and the next run works."""
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
    """An engine library that panics: a message, an unchanged document, and the next runs work."""
    document = shown(document_of(CASE)[0])
    yield 200
    for _ in range(2):
        yield from fails(document, ["the engine panicked", "nothing was written"], Defect, engine="panics")
    yield from finish(run(document, "image"))


def memory_limit():
    """Less memory than a run needs: a message, and an unchanged document."""
    document = shown(document_of(CASE)[0])
    yield 200
    yield from fails(document, ["memory"], memory=1000000)


def krita_fails():
    """A failure during the change of the document: the change is undone, and a message says why."""
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
    text = messages()
    check("broke on purpose" in text and "Edit > Undo" not in text, text)
    yield from becomes(document, before, "taken back")
