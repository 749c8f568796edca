"""The list of a run's pictures, in Parquet files below the output, from which the machines get their share.

It is written before the first picture is enlarged and does not change, so that a task which is repeated on another machine
gets the same pictures. Two pictures in it must never have the same name, for they would have the same result.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Union

import pyarrow  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from .place import Place
from .source import Source

SCHEMA = pyarrow.schema(
    [
        ("root", pyarrow.string()),
        ("path", pyarrow.string()),
        ("name", pyarrow.string()),
        ("named", pyarrow.bool_()),
        ("error", pyarrow.string()),
    ]
)
Entry = Dict[str, Union[str, bool, None]]

# Pictures in a file of the list.
_IN_FILE = 1 << 16


def source(entry: Entry) -> Source:
    """The source that an entry of the list describes."""
    error = entry["error"]
    place = Place(str(entry["root"]), str(entry["path"]))
    return Source(place, str(entry["name"]), bool(entry["named"]), None if error is None else str(error))


class PictureList:
    """Writes the list, and reads it. `pictures` is the number of pictures in it."""

    def __init__(self, folder: Place, partial: Place) -> None:
        self.pictures = 0
        self.folder = folder
        self._partial = partial
        self._files = 0

    def write(self, found: Iterable[Source]) -> None:
        """Writes all pictures. What is named twice is in the list once."""
        with tempfile.TemporaryDirectory(prefix="enlarger-list-") as folder:
            # On disk, because the names of ten million pictures need gigabytes.
            names = sqlite3.connect(os.path.join(folder, "names"))
            try:
                names.execute("PRAGMA journal_mode = OFF")
                names.execute("PRAGMA synchronous = OFF")
                names.execute("CREATE TABLE names (name TEXT PRIMARY KEY, root TEXT, path TEXT) WITHOUT ROWID")
                entries: List[Entry] = []
                for one in found:
                    entries += _entry(names, one)
                    if len(entries) == _IN_FILE:
                        self._put(entries, Path(folder) / "list")
                        entries = []
                self._put(entries, Path(folder) / "list")
            finally:
                names.close()

    def parts(self, pictures: int) -> Iterator[List[Entry]]:
        """The list in parts of so many pictures, read as they are asked for; the last part of a file may have fewer."""
        for number in range(self._files):
            filesystem, path = self._file(number).reached()
            with filesystem.open_input_file(path) as file:
                for batch in pyarrow.parquet.ParquetFile(file).iter_batches(pictures):
                    yield batch.to_pylist()

    def _file(self, number: int) -> Place:
        return self.folder.child(f"{number:06}.parquet")

    def _put(self, entries: List[Entry], file: Path) -> None:
        if entries:
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(entries, SCHEMA), file)
            self._file(self._files).put(file, self._partial)
            self._files += 1
            self.pictures += len(entries)


def _entry(names: sqlite3.Connection, one: Source) -> List[Entry]:
    """The entry of a source; none if the list has the same source already."""
    error = one.error
    try:
        names.execute("INSERT INTO names VALUES (?, ?, ?)", (one.name, one.place.root, one.place.path))
    except sqlite3.IntegrityError:
        other = Place(*names.execute("SELECT root, path FROM names WHERE name = ?", (one.name,)).fetchone())
        if other.is_same(one.place):
            return []
        where = "" if str(other) != str(one.place) else " on another server"
        error = error or f"{other}{where} would have the same result; enlarge them into separate folders"
    return [{"root": one.place.root, "path": one.place.path, "name": one.name, "named": one.named, "error": error}]
