"""Where things lie in a picture that is enlarged.

Both ends of a line of pixels are rounded, not its length: layers that touch must still touch after the enlargement.
"""

import math
from collections.abc import Mapping
from typing import Any


def rounded(value: float) -> int:
    """The nearest whole number, with halves rounded up, negative ones too, as GIMP does. Python's round() rounds halves to
    even numbers.
    """
    return math.floor(value + 0.5)


def scaled(start: int, length: int, factor: float) -> tuple[int, int]:
    """Where a line of pixels lies in the enlarged picture: its start, and its length, which is at least 1."""
    first = rounded(start * factor)
    return first, max(rounded((start + length) * factor) - first, 1)


def resized(width: int, height: int, settings: Mapping[str, Any], default_factor: float) -> tuple[int, int]:
    """The size that the settings "width", "height" or "factor" ask for; without any, the default factor decides."""
    wanted_width, wanted_height = settings.get("width"), settings.get("height")
    if wanted_width and wanted_height:
        return wanted_width, wanted_height
    if wanted_width:
        return wanted_width, max(rounded(height * wanted_width / width), 1)
    if wanted_height:
        return max(rounded(width * wanted_height / height), 1), wanted_height
    factor = settings.get("factor") or default_factor
    return max(rounded(width * factor), 1), max(rounded(height * factor), 1)
