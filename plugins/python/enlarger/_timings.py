"""How long each network takes per pixel on this machine, kept between processes: GIMP starts a new process for each run.

The times are a file in the user's cache folder. They only feed an estimate, so a file that is missing, damaged or not
writable must never be an error: the time is then unknown.
"""

import json
import os
import tempfile
from typing import Any, Optional

from ._folders import cache_folder

# More than a user needs. The entries that were recorded longest ago are dropped.
_MAX_ENTRIES = 100


def seconds_per_pixel(key: str) -> Optional[float]:
    """The recorded seconds per pixel of the network's input; None if nothing was recorded under this key."""
    seconds = _read().get(key)
    return seconds if isinstance(seconds, float) and 0 < seconds < 1 else None


def record(key: str, seconds: float) -> None:
    """Records the seconds per pixel of the network's input."""
    folder = cache_folder()
    if folder is None:
        return
    timings = _read()
    timings.pop(key, None)
    timings[key] = float(seconds)
    try:
        os.makedirs(folder, exist_ok=True)
        # Two programs may write at once. Replacing the file means that a reader always finds one of the two, complete.
        handle, path = tempfile.mkstemp(dir=folder)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(dict(list(timings.items())[-_MAX_ENTRIES:]), file, indent=0)
        os.replace(path, _file(folder))
    except OSError:
        pass


def _read() -> dict[str, Any]:
    folder = cache_folder()
    if folder is None:
        return {}
    try:
        with open(_file(folder), encoding="utf-8") as file:
            timings = json.load(file)
        return timings if isinstance(timings, dict) else {}
    except (OSError, ValueError):
        return {}


def _file(folder: str) -> str:
    return os.path.join(folder, "speeds.json")
