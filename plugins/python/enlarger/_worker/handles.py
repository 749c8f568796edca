"""Handles: numbers for the objects of all workers, the one that works and those that have ended.

A worker's own numbers may be those of the worker before it. So callers get numbers that are never given twice, and the object of a
worker that has ended is recognised.
"""

import itertools
from typing import Any, Optional

# What the library refuses as a handle, whatever it has made: it has no mark.
_NO_HANDLE = 1


class Handles:
    """The objects by the numbers that callers have, each with its worker and its number there."""

    def __init__(self) -> None:
        # Like the library's own handles, none is a small number that a caller could have by mistake.
        self._numbers = itertools.count(1 << 20, 16)
        self._objects: dict[int, tuple[Any, int, str]] = {}

    def add(self, worker: Any, number: int, kind: str) -> int:
        """The caller's number for a new object of a worker. `kind` is the type of the function that made it."""
        mine = next(self._numbers)
        self._objects[mine] = worker, number, kind
        return mine

    def remove(self, mine: int, kind: str) -> Optional[tuple[Any, int]]:
        """Forgets an object: its worker and its number there; None if it is not known as one of this type."""
        known = self.known(mine, kind)
        self._objects.pop(mine if known else 0, None)
        return known

    def known(self, mine: int, kind: str) -> Optional[tuple[Any, int]]:
        """The worker of an object and its number there; None if it is not known as one of this type."""
        known = self._objects.get(mine)
        return known[:2] if known and known[2] == kind else None

    def worker(self, mine: int) -> Any:
        """The worker of an object; None if it is not known."""
        known = self._objects.get(mine)
        return known[0] if known else None

    def number(self, mine: int) -> int:
        """The number that the worker knows. What is no handle here is none there."""
        if not mine:
            return 0
        known = self._objects.get(mine)
        return known[1] if known else _NO_HANDLE
