"""A run: the pipeline of Ray Data, from the list of pictures to the table of results.

Pictures never pass through Ray, only their names and what became of them. The process that calls this must never hold all
rows.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import logging
import os
import tempfile
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Callable, Iterator, Optional, Sequence, Type, cast

import pyarrow  # type: ignore[import-untyped]
import ray
import ray.data

from . import picture, picture_list, process
from .attempts import Attempts
from .place import Place
from .row import SCHEMA, Row
from .scratch import scratch
from .settings import Settings
from .sources import sources
from .table import Table
from .totals import Totals

MEMORY = 2 << 30
PICTURES_PER_TASK = 16
PATIENCE = 300.0

# The memory of a worker besides the command's: Python with Ray and PyArrow, and the pieces that are copied.
_WORKER_MEMORY = 512 << 20


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
    the cluster; by default that in RAY_ADDRESS, otherwise one is started on this machine. Uses the cluster that this process
    is connected to already, if any.

    Calls `listed` with the number of files before the first is enlarged, and `seen` with each row as it comes. Raises
    ValueError or OSError if nothing can be enlarged so, and whatever Ray raises if the cluster is gone. A picture that fails
    raises nothing. Only one run at a time may write to an output.
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

    # What a run that was stopped left.
    settings.own.remove_folder()
    names = picture_list.PictureList(settings.list, settings.partial)
    names.write(sources(inputs, settings.output))
    totals = Totals(files=names.pictures)
    if listed:
        listed(totals.files)
    try:
        if totals.files:
            with _Cluster(address), Table(settings) as table:
                for row in _rows(settings, pictures_per_task):
                    table.add(row)
                    totals.count(row)
                    if seen:
                        seen(row)
    finally:
        settings.own.remove_folder()
    totals.lost = totals.files - totals.counted
    totals.seconds = time.monotonic() - begun
    return totals


def _rows(settings: Settings, pictures_per_task: int) -> Iterator[Row]:
    """What became of each picture, as it becomes known."""
    filesystem, path = settings.list.reached()
    rows = (
        ray.data.read_parquet(path, filesystem=filesystem)
        .repartition(target_num_rows_per_block=pictures_per_task)
        .map_batches(
            functools.partial(_task, settings=settings),
            batch_size=None,
            batch_format="pyarrow",
            num_cpus=settings.threads,
            memory=settings.memory + _WORKER_MEMORY,
        )
    )
    for batch in rows.iter_batches(batch_size=None, batch_format="pyarrow"):
        yield from (Row.from_dict(values) for values in cast(pyarrow.Table, batch).to_pylist())


def _task(entries: pyarrow.Table, settings: Settings) -> pyarrow.Table:
    """Enlarges some pictures, on whichever machine Ray chooses."""
    unfit = _unfit(settings)
    rows = []
    with scratch() as folder:
        attempts = Attempts(str(entries.column("name")[0]), settings, folder)
        for number, entry in enumerate(entries.to_pylist()):
            source = picture_list.source(entry)
            source = dataclasses.replace(source, error=source.error or unfit or attempts.refuse(source.name))
            with tempfile.TemporaryDirectory(dir=folder, prefix=f"{number}-") as own:
                rows.append(picture.enlarge(source, settings, Path(own)).as_dict())
    return pyarrow.Table.from_pylist(rows, SCHEMA)


def _unfit(settings: Settings) -> Optional[str]:
    """Why this machine cannot make the same results as the others."""
    host = os.uname().nodename
    try:
        version = process.version()
    except OSError as error:
        return f"{host}: {error}"
    if version == settings.version:
        return None
    return f"{host} has {version}, the run was started with {settings.version}; install the same wheel on all machines"


class _Cluster:
    """The connection to a cluster, which ends with the ``with`` block unless it was there before."""

    def __init__(self, address: Optional[str]) -> None:
        self._address = address
        self._is_ours = False

    def __enter__(self) -> None:
        # Ray tells its authors about clusters that it starts, unless this says no.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        if not ray.is_initialized():
            # Otherwise the logs of all workers go through this process.
            dashboard = None if self._address else False
            ray.init(address=self._address, include_dashboard=dashboard, logging_level=logging.WARNING, log_to_driver=False)
            self._is_ours = True
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        # A task that cannot be carried out must not stop the others; its pictures are counted as lost.
        context.max_errored_blocks = -1

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        # The threads of Ray Data end with its iterator, which the frames of the error hold. Ray must not end before them.
        traceback.clear_frames(trace)
        if self._is_ours:
            ray.shutdown()
