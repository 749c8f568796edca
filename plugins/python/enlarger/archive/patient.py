"""Trying again what a disk or a network refuses for a while."""

from __future__ import annotations

import time
from typing import Callable, Tuple, Type, TypeVar

T = TypeVar("T")

# Seconds.
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


def patiently(do: Callable[[], T], seconds: float, final: Tuple[Type[OSError], ...] = ()) -> T:
    """What `do` returns. If it raises OSError, it is tried again for so many seconds; then the error is raised. Errors of the
    kinds `final` are raised at once."""
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        try:
            return do()
        except OSError as error:
            left = deadline - time.monotonic()
            if left <= 0 or isinstance(error, final):
                raise
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)
