"""Trying again what a disk or a network refuses for a while."""

from __future__ import annotations

import time
from typing import Callable, TypeVar

T = TypeVar("T")

# Seconds.
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


def patiently(do: Callable[[], T], seconds: float) -> T:
    """What `do` returns. If it raises OSError, it is tried again for so many seconds; then the error is raised."""
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        try:
            return do()
        except FileNotFoundError:
            raise  # Waiting does not bring it back.
        except OSError:
            left = deadline - time.monotonic()
            if left <= 0:
                raise
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)
