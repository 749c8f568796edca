"""What the user wants, and its memory from one time to the next, in Krita's own settings.

The library's options are not known here by name, but for those that say how large the result is.
"""

import json
from dataclasses import asdict, dataclass, field

from krita import Krita

from .enlarger.geometry import resized, rounded

GROUP, KEY = "enlarge_with_ai", "last"

# Identifier, label. The same identifiers as in GIMP.
TARGETS = [
    ("image", "The whole document"),
    ("new-image", "A new document"),
    ("new-layer", "A new layer on top"),
    ("in-place", "Restore in place"),
]
UNITS = ("factor", "width", "height", "width_cm", "height_cm")


@dataclass
class Wanted:
    """Attributes:
        target: an identifier of TARGETS.
        unit: what the size is given as, one of UNITS.
        value: the number.
        options: options of the library by key; those that are missing are the default.
    """

    target: str = "image"
    unit: str = "factor"
    value: float = 2.0
    options: dict = field(default_factory=dict)

    def size(self, document, scale):
        """The size of the whole result, for a document."""
        key, value = self.unit, self.value
        if key.endswith("_cm"):
            key = key[: -len("_cm")]
            value = centimetres_to_pixels(value, resolution(document, key))
        if key != "factor":
            value = max(rounded(value), 1)
        return resized(document.width(), document.height(), {key: value}, scale)

    def save(self):
        """Remembers it."""
        Krita.instance().writeSetting(GROUP, KEY, json.dumps(asdict(self)))


def remembered():
    """What was wanted the last time; the defaults, if what is remembered makes no sense (any more)."""
    try:
        last = Wanted(**json.loads(Krita.instance().readSetting(GROUP, KEY, "{}")))
        known = last.target in [key for key, _ in TARGETS] and last.unit in UNITS and isinstance(last.options, dict)
        last.value = float(last.value)
        return last if known and last.value > 0 else Wanted()
    except (ValueError, TypeError):
        return Wanted()


def resolution(document, side):
    """Pixels per inch along the width or the height."""
    return document.xRes() if side == "width" else document.yRes()


def centimetres_to_pixels(length, per_inch):
    return length / 2.54 * per_inch
