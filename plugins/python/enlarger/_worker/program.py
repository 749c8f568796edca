"""The program in which the library works: where it is, and how it is started.

It must come from where the library is, never from another version of it. No shell starts it, and it gets no window.
"""

import contextlib
import os
import subprocess
import sys
from typing import Any, Optional

from ..errors import LoadError

VARIABLE = "ENLARGER_WORKER"
NAME = "enlarger-worker.exe" if sys.platform == "win32" else "enlarger-worker"

# As the library looks for it: below a prefix, from `lib` and from what distributions put between.
_FOLDER = os.path.join("libexec", "enlarger")
_PREFIXES = 3


def find(library: str) -> Optional[str]:
    """The program for a library's file; None if there is none. A library that has only a name is in the package's prefix.

    Raises LoadError if the environment variable ENLARGER_WORKER is not an absolute path.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not os.path.isabs(named):
            raise LoadError(f"{VARIABLE} is '{named}', but must be an absolute path")
        return named
    if os.path.dirname(library):
        folder = os.path.dirname(os.path.realpath(library))
        places = [os.path.dirname(os.path.abspath(library)), folder]
        prefix = folder
        for _ in range(_PREFIXES):
            prefix = os.path.dirname(prefix)
            places.append(os.path.join(prefix, _FOLDER))
    else:
        package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        prefix = os.path.normpath(os.path.join(package, *[os.pardir] * 4))
        places = [os.path.dirname(package), package, os.path.join(prefix, _FOLDER)]
    files = (os.path.join(place, NAME) for place in places)
    return next((file for file in files if os.path.isfile(file)), None)


def start(program: str, library: str) -> "subprocess.Popen[bytes]":
    """Starts the program. Raises OSError."""
    try:
        return _start(program, library)
    except PermissionError:
        # Krita unpacks plug-ins without the permission to run them. A program that the user has named stays as it is.
        if os.environ.get(VARIABLE):
            raise
        with contextlib.suppress(OSError):
            mode = os.stat(program).st_mode
            os.chmod(program, mode | (mode & 0o444) >> 2)
        return _start(program, library)


def _start(program: str, library: str) -> "subprocess.Popen[bytes]":
    settings: dict[str, Any] = {}
    if sys.platform == "win32":
        settings["creationflags"] = subprocess.CREATE_NO_WINDOW
    else:
        # Keys of a terminal, such as Ctrl-C, are for this program.
        settings["start_new_session"] = True
    pipe = subprocess.PIPE
    return subprocess.Popen([program, library], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, **settings)


def how_it_ended(status: int) -> str:
    """The end of a process in words, by its status."""
    if status >= 0:
        return f"has ended with the status {status}" if status < 1 << 16 else f"has ended with the status 0x{status:08X}"
    import signal

    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by the signal {-status}"
