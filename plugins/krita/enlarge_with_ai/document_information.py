"""Writes into the information of a document how it was made (File > Document Information, field Abstract).

Krita has no undo for this. What the author wrote there must stay.
"""

import xml.etree.ElementTree as ElementTree

from .enlarger.provenance import IPTC, OURS, of_document

START = "Enlarger "


def record(document, made):
    """Adds a line on what made the document's pictures; it replaces a line of an earlier enlargement."""
    text = document.documentInfo()
    try:
        root = ElementTree.fromstring(text[text.index("<document-info") :])
    except (ValueError, ElementTree.ParseError):
        return
    namespace = root.tag[: root.tag.index("}") + 1] if root.tag.startswith("{") else ""
    about = root.find(f"{namespace}about")
    if about is None:
        about = ElementTree.SubElement(root, f"{namespace}about")
    abstract = about.find(f"{namespace}abstract")
    if abstract is None:
        abstract = ElementTree.SubElement(about, f"{namespace}abstract")
    kept = [part for part in (abstract.text or "").split("\n") if part and not part.startswith(START)]
    abstract.text = "\n".join([*kept, line(made)])
    if namespace:
        ElementTree.register_namespace("", namespace[1:-1])
    document.setDocumentInfo(ElementTree.tostring(root, encoding="unicode"))


def line(made):
    """What made the pictures, in one line."""
    properties = of_document(made)
    models = properties.get((OURS, "Models"), [])
    return "; ".join([made[0].software, *models, properties[IPTC, "DigitalSourceType"]])
