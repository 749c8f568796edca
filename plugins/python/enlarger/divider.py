"""The divider of a comparison: what lies left of it is the picture before, what lies right of it the picture after.

Its place is a share of the width, from 0.0 to 1.0, so that it stays when the size of the view changes. It must never know a
toolkit.
"""

# How near the pointer must be to take the divider, in pixels of the screen.
REACH = 8


def divider_at(x: float, width: int) -> float:
    """The place of the divider for a pointer at x in a view of that width."""
    return min(max(x / max(width, 1), 0.0), 1.0)


def divider_pixel(place: float, width: int) -> int:
    """The first column of the view that shows the picture after: 0 to its width."""
    return min(max(round(place * width), 0), width)


def divider_taken(x: float, place: float, width: int, reach: int = REACH) -> bool:
    """Whether a pointer at x is near enough to take the divider."""
    return abs(x - place * width) <= reach


def divider_moved(place: float, steps: int) -> float:
    """The place after a move by keys: a step is a twentieth of the width."""
    return min(max(round(place * 20 + steps) / 20, 0.0), 1.0)
