"""A run: from the inputs to the list of pictures, to tasks on a Ray cluster, to the table of results.

Pictures never pass through Ray, only their names and what became of them. The process that calls this must never hold all
rows.
"""

from __future__ import annotations

import contextlib
import datetime
import tempfile
import time
from pathlib import Path
from typing import Callable, Optional, Sequence

from . import cluster, picture_list, process, work
from .claim import Claim
from .place import Place
from .row import Row
from .settings import Settings
from .sources import sources
from .table import Table
from .totals import Totals

MEMORY = 2 << 30
PICTURES_PER_TASK = 16
PATIENCE = 300.0


def run(
    inputs: Sequence[str],
    output: str,
    options: Sequence[str] = (),
    *,
    threads: int = 1,
    memory: int = MEMORY,
    pictures_per_task: int = PICTURES_PER_TASK,
    patience: float = PATIENCE,
    address: Optional[str] = None,
    listed: Optional[Callable[[int], None]] = None,
    seen: Optional[Callable[[Row], None]] = None,
) -> Totals:
    """Enlarges all pictures of the inputs into the output, on all machines of a Ray cluster.

    `inputs` are pictures, folders and manifests, `output` is a folder; all are paths or URIs. `options` are the command's,
    such as ``["--preset", "crisp"]``. `threads` cores and `memory` bytes are used for each picture, and a task has
    `pictures_per_task` of them. What a disk or a network refuses is tried again for `patience` seconds. `address` is that of
    the cluster; by default that in RAY_ADDRESS, otherwise that of a cluster which runs on this machine, otherwise one is
    started here. Uses the cluster that this process is connected to already, if any.

    Calls `listed` with the number of files before the first is enlarged, and `seen` with each row as it comes. Raises
    ValueError or OSError if nothing can be enlarged so, and whatever Ray raises if the cluster is gone. A picture that fails
    raises nothing. Only one run at a time may write to an output; the second one raises FileExistsError.
    """
    begun = time.monotonic()
    now = datetime.datetime.now(datetime.timezone.utc)
    settings = Settings(
        output=Place.of(output),
        options=tuple(options),
        version=process.version(),
        threads=threads,
        memory=memory,
        patience=patience,
        run=now.strftime("%Y-%m-%dT%H-%M-%S.%fZ"),
    )
    with tempfile.TemporaryDirectory(prefix="enlarger-check-") as folder:
        process.check(list(options), Path(folder))

    found = sources(inputs, settings.output)
    with Claim(settings):
        names = picture_list.PictureList(settings.list, settings.partial)
        names.write(found)
        totals = Totals(files=names.pictures)
        if listed:
            listed(totals.files)
        if totals.files:
            with cluster.Cluster(address), Table(settings) as table:
                cluster.check(settings)
                with contextlib.closing(work.rows(settings, names, pictures_per_task)) as rows:
                    for row in rows:
                        table.add(row)
                        totals.count(row)
                        if seen:
                            seen(row)
    totals.lost = totals.files - totals.counted
    totals.seconds = time.monotonic() - begun
    return totals
