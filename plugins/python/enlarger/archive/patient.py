"""Trying again what a disk or a network refuses for a while."""

from __future__ import annotations

import errno
import time
from typing import Callable, TypeVar

T = TypeVar("T")

# Seconds.
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# What waiting does not change. A file that is missing may come back with its disk.
_FINAL = (
    errno.EACCES,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOTDIR,
    errno.ENXIO,
    errno.EPERM,
    errno.EROFS,
    errno.EXDEV,
)


def patiently(do: Callable[[], T], seconds: float) -> T:
    """What `do` returns. If it raises OSError, it is tried again for so many seconds; then the error is raised, as are at once
    errors that waiting does not change."""
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        try:
            return do()
        except OSError as error:
            left = deadline - time.monotonic()
            if left <= 0 or error.errno in _FINAL:
                raise
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)
