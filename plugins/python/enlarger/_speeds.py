"""How long each network takes for a pixel here, kept between processes: GIMP starts a plug-in anew for each run.

A file in the user's cache folder. It is worth so little that nothing wrong with it is an error: then nothing is known.
"""

import json
import os
import sys
import tempfile

# More than anybody uses; what was not used for longest goes.
_MOST = 100


def seconds_per_pixel(what):
    """What was kept for `what`, a text; None before there was anything."""
    speed = _read().get(what)
    return speed if isinstance(speed, float) and 0 < speed < 1 else None


def keep(what, speed):
    """Keeps the seconds that a pixel of the network's input took."""
    speeds = _read()
    speeds.pop(what, None)
    speeds[what] = float(speed)
    try:
        os.makedirs(_folder(), exist_ok=True)
        # Two programs may do this at once; the file is always one of them, whole.
        handle, path = tempfile.mkstemp(dir=_folder())
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(dict(list(speeds.items())[-_MOST:]), file, indent=0)
        os.replace(path, _file())
    except OSError:
        pass


def _read():
    try:
        with open(_file(), encoding="utf-8") as file:
            speeds = json.load(file)
        return speeds if isinstance(speeds, dict) else {}
    except (OSError, ValueError):
        return {}


def _file():
    return os.path.join(_folder(), "speeds.json")


def _folder():
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/AppData/Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "enlarger")
