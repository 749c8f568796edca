"""The table of results: Parquet files, each with some rows, which appear while a run goes on."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import List, Optional, Type

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from .patient import patiently
from .row import SCHEMA, Row
from .settings import Settings

# A file is written when there are so many rows, or after so many seconds.
_ROWS = 10_000
_SECONDS = 60.0


class Table:
    """The table of a run. Use it in a ``with`` block; its end writes the last rows."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rows: List[Row] = []
        self._files = 0
        self._written = time.monotonic()

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._write()

    def add(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) >= _ROWS or time.monotonic() - self._written > _SECONDS:
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        if not self._rows:
            return
        settings, place = self._settings, self._settings.table.child(f"{self._files:06}.parquet")
        with tempfile.TemporaryDirectory(prefix="enlarger-table-") as folder:
            file = Path(folder) / "rows"
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row.as_dict() for row in self._rows], SCHEMA), file)
            patiently(lambda: place.put(file, settings.partial), settings.patience)
        self._rows = []
        self._files += 1
