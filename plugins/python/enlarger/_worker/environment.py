"""The environment and the working folder of this process, as far as its worker does not know them yet.

The library in a worker finds models, programs and files as it would in this process, also after a change here.
"""

import os
from typing import Optional

from .frames import U32, counted


class Environment:
    """What a worker was told, or has inherited when it started."""

    def __init__(self) -> None:
        self._folder, self._variables = _folder(), _variables()

    def changes(self) -> Optional[bytes]:
        """What has changed since, for the worker; None if nothing has."""
        folder, variables = _folder(), _variables()
        if (folder, variables) == (self._folder, self._variables):
            return None
        before = self._variables
        names = [name for name in {**before, **variables} if before.get(name) != variables.get(name)]
        parts = [counted(folder), U32.pack(len(names))]
        for name in names:
            value = variables.get(name)
            parts += [counted(name), b"\0" if value is None else b"\1" + counted(value)]
        self._folder, self._variables = folder, variables
        return b"".join(parts)


def _variables() -> dict[bytes, bytes]:
    if os.supports_bytes_environ:
        return dict(os.environb)
    encode = "utf-8", "replace"
    # Windows has names such as "=C:", which no program sets.
    return {name.encode(*encode): value.encode(*encode) for name, value in os.environ.items() if "=" not in name}


def _folder() -> bytes:
    try:
        return os.fsencode(os.getcwd())
    except OSError:
        return b""  # The folder is gone.
