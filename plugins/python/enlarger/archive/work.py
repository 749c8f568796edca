"""The tasks of a run on the Ray cluster: parts of the list go out, rows come back.

These are plain tasks of Ray. Ray Data would do the same, but the process that waits for its rows asks for them a hundred times
a second, and its actors need the processor too: together about a tenth of a core for as long as the run lasts. The tasks that
are under way must stay few, however long the list is.
"""

from __future__ import annotations

import itertools
import math
import time
from typing import Any, Generator, List, Set

import ray

from . import cluster, task
from .picture_list import PictureList
from .row import Row
from .settings import Settings

# How many tasks wait at least while the others run, so that a machine which is free, or new, gets one at once.
_WAITING = 64
# Seconds after which the size of the cluster is looked at again.
_LOOK = 10.0


def rows(settings: Settings, pictures: PictureList, pictures_per_task: int) -> Generator[Row, None, None]:
    """What became of each picture, as it becomes known. A task that Ray cannot carry out gives no rows."""
    needed = cluster.needs(settings)
    # If a worker or a machine is gone, its tasks are repeated; what must end that is in `attempts`.
    enlarge = ray.remote(task.sent(settings)).options(
        name="enlarge", num_cpus=needed["CPU"], memory=needed["memory"], max_retries=-1
    )
    parts = pictures.parts(pictures_per_task)
    running: Set[Any] = set()
    most, looked = 0, -math.inf
    try:
        while True:
            if time.monotonic() - looked > _LOOK:
                slots, looked = cluster.slots(settings), time.monotonic()
                most = slots + max(slots // 4, _WAITING)
            running.update(enlarge.remote(part) for part in itertools.islice(parts, max(most - len(running), 0)))
            if not running:
                return
            for ended in _ended(running):
                running.remove(ended)
                try:
                    found = ray.get(ended)
                except ray.exceptions.RayError:
                    continue  # Its pictures are lost; the run goes on with the others.
                yield from (Row.from_dict(values) for values in found)
    finally:
        # A cluster that goes on without this run must not go on with its tasks.
        for task_left in running:
            ray.cancel(task_left, force=True)


def _ended(running: Set[Any]) -> List[Any]:
    """The tasks that have ended, after waiting for one for some seconds."""
    ended, others = ray.wait(list(running), timeout=_LOOK)
    if ended and others:
        ended += ray.wait(others, num_returns=len(others), timeout=0)[0]
    return list(ended)
