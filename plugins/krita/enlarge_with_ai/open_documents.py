"""Whether a document is still open. The layers of a closed document must never be touched."""

from krita import Krita


def is_open(document):
    return any(other == document for other in Krita.instance().documents())
