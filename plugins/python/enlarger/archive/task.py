"""A task of a run: some pictures, on whichever machine Ray chooses."""

from __future__ import annotations

import dataclasses
import os
import pickle
import tempfile
import time
from pathlib import Path
from typing import Callable, List, Optional

from . import picture, picture_list
from .attempts import Attempts
from .fitness import unfitness
from .picture_list import Entry
from .row import Row, Values
from .scratch import scratch
from .settings import Settings


def sent(settings: Settings) -> Callable[[List[Entry]], List[Values]]:
    """`enlarge` as Ray is to send it to the machines. It is no function of a module, so Ray sends it as a whole, and it can say
    that a machine lacks this package."""
    packed, blank, patience = pickle.dumps(settings), Row("").as_dict(), settings.patience

    def enlarge_or_explain(entries: List[Entry]) -> List[Values]:
        try:
            from enlarger.archive import task
        except ImportError as error:
            time.sleep(patience)  # As `_unfitness_after_a_while` does.
            failed = {**blank, "error": f"{os.uname().nodename}: {error}; install the same wheel on all machines"}
            return [{**failed, "source": entry["path"]} for entry in entries]
        return task.enlarge(entries, pickle.loads(packed))

    return enlarge_or_explain


def enlarge(entries: List[Entry], settings: Settings) -> List[Values]:
    """The rows of some entries of the list."""
    unfit = _unfitness_after_a_while(settings)
    rows = []
    with scratch() as folder:
        attempts = Attempts(str(entries[0]["name"]), settings, folder)
        for number, entry in enumerate(entries):
            source = picture_list.source(entry)
            source = dataclasses.replace(source, error=source.error or unfit or attempts.refuse(source.name))
            with tempfile.TemporaryDirectory(dir=folder, prefix=f"{number}-") as own:
                rows.append(picture.enlarge(source, settings, Path(own)).as_dict())
    return rows


def _unfitness_after_a_while(settings: Settings) -> Optional[str]:
    """Why this machine is not fit. It says so late: if its tasks failed at once, it would soon have taken, and failed, the
    whole list, while the machines that are fit enlarge their first pictures."""
    if unfitness(settings) is None:
        return None
    time.sleep(settings.patience)
    return unfitness(settings)
