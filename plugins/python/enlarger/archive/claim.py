"""The claim of a run on its output: a file that keeps other runs from writing there at the same time."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, Optional, Type

from .settings import Settings

# Seconds. A claim that was not renewed for so long is that of a run which was stopped.
_STALE = 300.0
_RENEWED = 60.0


class Claim:
    """The right to write to an output, in a ``with`` block. Its end removes what the run needed in the output."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._place = settings.own.child("claim")
        self._ended = threading.Event()
        self._renewing = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> None:
        found = self._read()
        if found:
            _refuse_if_alive(found)
            self._place.remove()
        self._write(new=True)
        if self._is_lost():
            raise FileExistsError("another run has just begun to write here; wait for its end, or choose another output")
        # What a run that was stopped left.
        self._settings.list.remove_folder()
        self._settings.tasks.remove_folder()
        self._renewing.start()

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._ended.set()
        self._renewing.join()
        if not self._is_lost():
            self._settings.own.remove_folder()

    def _renew(self) -> None:
        while not self._ended.wait(_RENEWED):
            # If the output refuses it, the pictures wait for the output too.
            with contextlib.suppress(OSError):
                if not self._is_lost():
                    self._write(new=False)

    def _is_lost(self) -> bool:
        """Whether another run took this one for stopped, for example because the machine slept."""
        found = self._read()
        return found is not None and found["run"] != self._settings.run

    def _read(self) -> Optional[Dict[str, Any]]:
        try:
            with self._place.open() as file:
                return dict(json.loads(file.read()))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None

    def _write(self, new: bool) -> None:
        claim = {**_here(), "run": self._settings.run, "process": os.getpid(), "renewed": time.time()}
        with tempfile.TemporaryDirectory(prefix="enlarger-claim-") as folder:
            file = Path(folder) / "claim"
            file.write_text(json.dumps(claim), encoding="utf-8")
            put = self._place.put_new if new else self._place.put
            put(file, self._settings.partial)


def _here() -> Dict[str, str]:
    """This machine, or this container: the numbers of processes have a meaning in it only."""
    return {"machine": os.uname().nodename, "processes": os.readlink("/proc/self/ns/pid")}


def _refuse_if_alive(claim: Dict[str, Any]) -> None:
    """Raises FileExistsError unless the run of a claim was stopped."""
    left = claim["renewed"] + _STALE - time.time()
    if left <= 0 or _is_gone(claim):
        return
    raise FileExistsError(
        f"the run {claim['run']} on {claim['machine']} (process {claim['process']}) writes to this output; wait for its end, "
        f"or choose another output. If it was stopped, start again in {left:.0f} seconds"
    )


def _is_gone(claim: Dict[str, Any]) -> bool:
    """Whether this machine knows that the process of a claim has ended."""
    if any(claim[key] != value for key, value in _here().items()):
        return False
    try:
        os.kill(claim["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # It is another user's.
    return False
