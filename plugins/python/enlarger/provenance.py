"""Provenance: what a result should say about how it was made.

The library makes the texts; docs/provenance.md describes them. Nothing may be added to them here.
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"

# The namespaces of the properties.
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
OURS = "urn:enlarger:xmp:1.0/"


@dataclass(frozen=True)
class Provenance:
    """What a result should say about how it was made, for its metadata.

    Attributes:
        xmp: an XMP packet with IPTC's digital source type and properties of the namespace urn:enlarger:xmp:1.0/.
        software: one line in ASCII, for EXIF's Software and similar texts.
        source_type: the URI of IPTC's digital source type.
    """

    xmp: str
    software: str
    source_type: str

    def properties(self) -> "dict[tuple[str, str], Union[str, list[str]]]":
        """The properties in the packet: (namespace, name) and a text, or a list of texts for an array."""
        # ElementTree does not accept a byte order mark in an instruction, and the packet's marks say nothing here.
        body = self.xmp[self.xmp.index("<x:xmpmeta") : self.xmp.rindex("<?xpacket")]
        found: dict[tuple[str, str], Union[str, list[str]]] = {}
        for description in ElementTree.fromstring(body).iter(f"{_RDF}Description"):
            for element in description:
                namespace, _, name = element.tag[1:].partition("}")
                items = [item.text or "" for item in element.iter(f"{_RDF}li")]
                found[namespace, name] = items if len(element) else element.text or ""
        return found


def of_document(made: Sequence[Provenance]) -> "dict[tuple[str, str], Union[str, list[str]]]":
    """The properties for a document whose pictures, such as layers, were made like this: those of the first picture with the
    models of all. The sizes are left out, because they are those of a picture.
    """
    found = made[0].properties()
    for other in made[1:]:
        properties = other.properties()
        models, more = found.get((OURS, "Models")), properties.get((OURS, "Models"))
        if isinstance(more, list):
            known = models if isinstance(models, list) else []
            found[OURS, "Models"] = known + [model for model in more if model not in known]
        if other.source_type != made[0].source_type:
            # One of them was made by a model that adds detail.
            composed = [each.source_type for each in made if "composite" in each.source_type]
            found[IPTC, "DigitalSourceType"] = composed[0]
    for name in ("SourceSize", "ResultSize"):
        found.pop((OURS, name), None)
    return found
