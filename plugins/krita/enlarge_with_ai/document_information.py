"""Writes into the information of a document how it was made (File > Document Information, field Abstract).

Krita's own undo does not reach it. What the author wrote there must stay.
"""

import xml.etree.ElementTree as ElementTree

from .enlarger.provenance import IPTC, OURS, of_document

START = "Enlarger "


def record(document, made):
    """Adds a line on what made the document's pictures; it replaces a line of an earlier enlargement.

    Returns the field's text before and after, for restore(); None if nothing was written.
    """
    found = _abstract(document)
    if found is None:
        return None
    before = found[1].text or ""
    kept = [part for part in before.split("\n") if part and not part.startswith(START)]
    after = "\n".join([*kept, line(made)])
    _write(document, *found, after)
    return before, after


def restore(document, recorded):
    """Takes back what record() wrote, unless someone has changed the field since."""
    found = _abstract(document) if recorded is not None else None
    if found is not None and (found[1].text or "") == recorded[1]:
        _write(document, *found, recorded[0])


def _abstract(document):
    """The document's information and its element for the field; None if Krita's text cannot be read."""
    text = document.documentInfo()
    try:
        root = ElementTree.fromstring(text[text.index("<document-info") :])
    except (ValueError, ElementTree.ParseError):
        return None
    namespace = _namespace(root)
    about = root.find(f"{namespace}about")
    if about is None:
        about = ElementTree.SubElement(root, f"{namespace}about")
    abstract = about.find(f"{namespace}abstract")
    if abstract is None:
        abstract = ElementTree.SubElement(about, f"{namespace}abstract")
    return root, abstract


def _write(document, root, abstract, text):
    abstract.text = text
    namespace = _namespace(root)
    if namespace:
        ElementTree.register_namespace("", namespace[1:-1])
    document.setDocumentInfo(ElementTree.tostring(root, encoding="unicode"))


def _namespace(root):
    """The XML namespace in braces; empty without one."""
    return root.tag[: root.tag.index("}") + 1] if root.tag.startswith("{") else ""


def line(made):
    """What made the pictures, in one line."""
    properties = of_document(made)
    models = properties.get((OURS, "Models"), [])
    return "; ".join([made[0].software, *models, properties[IPTC, "DigitalSourceType"]])
