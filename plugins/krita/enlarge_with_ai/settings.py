"""The user's settings, which Krita's own settings keep for the next time.

The library's options must not be known here by name, except those for the size of the result.
"""

import json
from dataclasses import dataclass, field, fields

from krita import Krita

from .enlarger.face_choice import FaceChoice
from .enlarger.geometry import resized, rounded
from .enlarger.mask_choice import CHOICES, EVERYWHERE
from .enlarger.translation import _

GROUP, KEY = "enlarge_with_ai", "last"

# Identifier and label. GIMP uses the same identifiers.
TARGETS = [
    ("image", _("The whole document")),
    ("new-image", _("A new document")),
    ("new-layer", _("A new layer on top")),
    ("in-place", _("Restore in place")),
]
UNITS = ("factor", "width", "height", "width_cm", "height_cm")


@dataclass
class Settings:
    """The settings of the dialog.

    Attributes:
        target: an identifier of TARGETS.
        unit: the unit of the size, one of UNITS.
        value: the size as a number in that unit.
        options: options of the library by key; the others have their defaults.
        mask: where the network is used: the id of a MaskChoice.
        advice: whether the dialog gives advice on the picture.
        faces: the faces that are left out, by the `identity` of their pictures. It is for this document only, so it is not kept.
    """

    target: str = "image"
    unit: str = "factor"
    value: float = 2.0
    options: dict = field(default_factory=dict)
    mask: str = EVERYWHERE.id
    advice: bool = True
    faces: FaceChoice = field(default_factory=FaceChoice)

    def size(self, document):
        """The size of the whole result for a document, in pixels."""
        key, value = self.unit, self.value
        if key.endswith("_cm"):
            key = key[: -len("_cm")]
            value = centimetres_to_pixels(value, resolution(document, key))
        if key != "factor":
            value = max(rounded(value), 1)
        return resized(document.width(), document.height(), {key: value}, 1)

    def save(self):
        """Keeps the settings for the next time."""
        kept = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "faces"}
        Krita.instance().writeSetting(GROUP, KEY, json.dumps(kept))


def saved_settings():
    """The Settings of the last time; the defaults if there are none, or if they are not valid any more."""
    try:
        last = Settings(**json.loads(Krita.instance().readSetting(GROUP, KEY, "{}")))
        known = last.target in [key for key, _ in TARGETS] and last.unit in UNITS and isinstance(last.options, dict)
        known = known and last.mask in [choice.id for choice in CHOICES]
        last.value = float(last.value)
        return last if known and last.value > 0 else Settings()
    except (ValueError, TypeError):
        return Settings()


def resolution(document, side):
    """Pixels per inch along the width or the height."""
    return document.xRes() if side == "width" else document.yRes()


def centimetres_to_pixels(length, per_inch):
    return length / 2.54 * per_inch
