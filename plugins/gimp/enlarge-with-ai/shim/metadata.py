"""Writes into an image's metadata how it was made.

GIMP's binding gives access to single tags only through a library of its own, which is not always there. So the metadata is
changed as the text that GIMP itself stores. Everything that it had must stay.
"""

import xml.etree.ElementTree as ElementTree

from gi.repository import Gimp

from enlarger.provenance import IPTC, OURS, of_document

# The prefixes of the namespaces in the names of tags.
PREFIXES = {IPTC: "iptcExt", OURS: "enlarger"}
# GIMP writes its own name into Software when it exports.
SOFTWARE = "Exif.Image.ProcessingSoftware"


def record(image, made):
    """Records in the image what made its layers. Returns whether GIMP accepted it; it makes an undo step of its own."""
    metadata = image.get_metadata()
    text = metadata.serialize() if metadata is not None else None
    root = ElementTree.fromstring(text.encode()) if text else ElementTree.Element("metadata")
    replaced = (f"Xmp.{PREFIXES[OURS]}.", f"Xmp.{PREFIXES[IPTC]}.DigitalSourceType", SOFTWARE)
    for element in list(root):
        if element.get("name", "").startswith(replaced) or element.get("url") == OURS:
            root.remove(element)
    _add(root, SOFTWARE, made[0].software)
    properties = of_document(made)
    for namespace, prefix in PREFIXES.items():
        # For GIMP, a namespace is that of the tags which follow it.
        ElementTree.SubElement(root, "namespace", prefix=prefix, url=namespace)
        for (of, name), value in properties.items():
            if of == namespace:
                _add_property(root, f"Xmp.{prefix}.{name}", value)
    # GIMP does not read a namespace in an element without an end tag.
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)
    changed = Gimp.Metadata.deserialize(text)
    return changed is not None and image.set_metadata(changed)


def _add_property(root, name, value):
    if isinstance(value, str):
        _add(root, name, value)
    else:
        for index, item in enumerate(value, 1):
            _add(root, f"{name}[{index}]", item)


def _add(root, name, value):
    ElementTree.SubElement(root, "tag", name=name).text = value
