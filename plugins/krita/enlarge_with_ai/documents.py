"""Whether a document is still there. What belongs to one that is closed must not be touched."""

from krita import Krita


def is_open(document):
    return any(other == document for other in Krita.instance().documents())
