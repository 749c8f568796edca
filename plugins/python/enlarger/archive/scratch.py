"""A temporary folder of this machine, for the pictures of a task. Those of tasks that were killed are removed by later ones."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

_PREFIX = "enlarger-archive-"
# Held while the task lives. The system lets go of it when the process ends, however it ends.
_LOCK = "lock"
_TRY_TO_LOCK = fcntl.LOCK_EX + fcntl.LOCK_NB


@contextmanager
def scratch() -> Iterator[Path]:
    """A new folder, which is removed at the end."""
    _remove_abandoned(Path(tempfile.gettempdir()))
    unlocked = Path(tempfile.mkdtemp(prefix=f"new-{_PREFIX}"))
    with open(unlocked / _LOCK, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Only now may others find it: they would take it for abandoned before.
        folder = unlocked.rename(unlocked.with_name(unlocked.name[len("new-") :]))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(place: Path) -> None:
    for folder in place.glob(f"{_PREFIX}*"):
        try:
            if folder.stat().st_uid != os.getuid():
                continue  # It is another user's.
            with open(folder / _LOCK) as lock:
                fcntl.flock(lock, _TRY_TO_LOCK)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # It is in use, or gone already.
