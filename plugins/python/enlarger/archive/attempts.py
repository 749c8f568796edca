"""Which pictures take their workers down.

Ray repeats a task whose worker is gone, as often as that happens. So a picture that ends each worker, for example because the
machine has too little memory for it, would keep the run from ending. A note in the output says how far a repeated task got.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any, Dict, Optional

from .settings import Settings

# How many workers a picture may take down. The first attempt of a task does not note at which picture it ends.
_WORKERS = 3


class Attempts:
    """The attempts of a task, which is named by its first picture."""

    def __init__(self, first: str, settings: Settings, scratch: Path) -> None:
        self._settings = settings
        self._file = scratch / "attempts"
        self._place = settings.tasks.child(hashlib.sha256(first.encode()).hexdigest())
        note = self._read()
        self._is_repeated = note is not None
        self._lost: Dict[str, int] = note["lost"] if note else {}
        if note and note["at"]:
            self._lost[note["at"]] = self._lost.get(note["at"], 0) + 1
        self._write(None)

    def refuse(self, name: str) -> Optional[str]:
        """Why this picture is not tried again; None if it may be tried, which is noted."""
        if self._lost.get(name, 0) >= _WORKERS - 1:
            return f"{_WORKERS} workers ended that were to enlarge it; enlarge it alone, on a machine with more memory"
        if self._is_repeated:
            self._write(name)
        return None

    def _read(self) -> Optional[Dict[str, Any]]:
        try:
            with self._place.open() as file:
                return dict(json.loads(file.read()))
        except OSError:
            return None

    def _write(self, name: Optional[str]) -> None:
        self._file.write_text(json.dumps({"at": name, "lost": self._lost}), encoding="utf-8")
        # If the output refuses it, the picture itself will wait for the output.
        with contextlib.suppress(OSError):
            self._place.put(self._file, self._settings.partial)
