"""Where things lie in a picture that becomes larger. Both ends of a line are rounded, so that neighbours stay neighbours."""

import math


def rounded(value):
    """The nearest whole number, halves up, as GIMP does it, below zero too; Python's round() goes to even ones."""
    return math.floor(value + 0.5)


def scaled(start, length, factor):
    """Where a line of pixels lies in the larger picture: its start and its length, at least 1."""
    first = rounded(start * factor)
    return first, max(rounded((start + length) * factor) - first, 1)


def resized(width, height, settings, usual):
    """The size that settings ask for by "width", "height" or "factor"; `usual` is the factor where they say nothing."""
    wanted_width, wanted_height = settings.get("width"), settings.get("height")
    if wanted_width and wanted_height:
        return wanted_width, wanted_height
    if wanted_width:
        return wanted_width, max(rounded(height * wanted_width / width), 1)
    if wanted_height:
        return max(rounded(width * wanted_height / height), 1), wanted_height
    factor = settings.get("factor") or usual
    return max(rounded(width * factor), 1), max(rounded(height * factor), 1)
