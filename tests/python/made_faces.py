"""Faces for the tests: none of a person, only numbers."""

import math

from enlarger import Face

# Where eyes, nose, mouth and ears lie in a face of height 1 around (0, 0).
POINTS = [(-0.2, -0.2), (0.2, -0.2), (0.0, 0.05), (0.0, 0.25), (-0.4, -0.1), (0.4, -0.1)]


def face(x, y, height, degrees=0.0):
    """A face around a place whose eyes lie on a line that is turned by so many degrees, clockwise."""
    sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    points = ((x + (a * cos - b * sin) * height, y + (a * sin + b * cos) * height) for a, b in POINTS)
    return Face(x - height / 2, y - height / 2, height, height, *points, 0.9)
