"""The user's folders, by one rule for the whole package.

On Linux and its relatives the XDG Base Directory Specification decides. The Rust core follows the same rule in
core/src/machine/folders.rs, and the two must never differ.
"""

import os
import sys
from typing import Optional


def cache_folder() -> Optional[str]:
    """Enlarger's cache folder, which may not exist yet. None if no variable names it or the home folder.

    Windows: %LOCALAPPDATA%, macOS: ~/Library/Caches, elsewhere: $XDG_CACHE_HOME, or ~/.cache by default.
    """
    if sys.platform == "win32":
        base = _absolute("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = _in_home("Library", "Caches")
    else:
        base = _absolute("XDG_CACHE_HOME") or _in_home(".cache")
    return os.path.join(base, "enlarger") if base else None


def _absolute(variable: str) -> Optional[str]:
    """The folder that an environment variable names. None if the variable is unset, empty or relative: the specification
    has such values ignored, because a relative path would depend on where the program was started.
    """
    folder = os.environ.get(variable, "")
    return folder if os.path.isabs(folder) else None


def _in_home(*names: str) -> Optional[str]:
    home = _absolute("HOME") or _absolute("USERPROFILE")
    return os.path.join(home, *names) if home else None
