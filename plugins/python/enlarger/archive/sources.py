"""The pictures of an archive: what the inputs name, one after the other.

An input is a picture, a folder with everything below it, or a manifest: a text with a URI or a path on each line, or a CSV or
Parquet file with a column `uri`. No picture is opened here, and the pictures must never be held in memory all at once: there
may be ten million.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import Iterable, Iterator, Optional

import pyarrow  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from .place import Place

# Rows of a Parquet manifest that are read at once.
_ROWS = 4096


@dataclass(frozen=True)
class Source:
    """A file that may be a picture."""

    place: Place
    name: str
    """Its path below the folder that the user named; what a manifest lists has its whole path. The result lies at the same
    path below the output."""
    named: bool
    """Whether the user named the file itself. In a folder, files that are no pictures are left out."""
    error: Optional[str] = None
    """Why it cannot be enlarged, if that is known already."""


def sources(inputs: Iterable[str], output: Place) -> Iterator[Source]:
    """Everything that the inputs name, in the same order each time. The results are left out."""
    for text in inputs:
        place = Place.of(text)
        if place.is_folder():
            yield from _below(place, "", output)
        elif place.size() is None:
            raise FileNotFoundError(f"{text}: there is no such file or folder; check the name")
        elif os.path.splitext(place.name)[1].lower() in (".txt", ".csv", ".parquet"):
            yield from (_listed(uri, place) for uri in _uris(place) if uri)
        else:
            yield Source(place, place.name, named=True)


def _below(folder: Place, path: str, output: Place) -> Iterator[Source]:
    for name, is_folder in folder.entries():
        entry, below = folder.child(name), f"{path}{name}"
        if not _is_text(name):
            shown = os.fsencode(below).decode(errors="replace")
            place = folder.child(os.fsencode(name).decode(errors="replace"))
            yield Source(place, shown, False, "its name is not UTF-8; rename it, or enlarge it with the command")
        elif not is_folder:
            yield Source(entry, below, named=False)
        elif not output.contains(entry):
            yield from _below(entry, f"{below}/", output)


def _listed(uri: str, manifest: Place) -> Source:
    relative = "://" not in uri and not os.path.isabs(uri)
    place = manifest.parent().child(uri) if relative else Place.of(uri)
    name = uri if relative else str(place).rpartition("://")[2].lstrip("/")
    if any(part in ("", ".", "..") for part in name.split("/")):
        return Source(place, name, True, "a path in a manifest must not contain '.', '..' or an empty part; write it out")
    return Source(place, name, named=True)


def _uris(manifest: Place) -> Iterator[str]:
    if manifest.name.lower().endswith(".txt"):
        with io.TextIOWrapper(manifest.open(), encoding="utf-8") as lines:
            yield from (line.rstrip("\r\n") for line in lines)
    elif manifest.name.lower().endswith(".csv"):
        with manifest.open() as file:
            for batch in pyarrow.csv.open_csv(file):
                yield from _column(batch, manifest)
    else:
        filesystem, path = manifest.reached()
        with filesystem.open_input_file(path) as file:
            for batch in pyarrow.parquet.ParquetFile(file).iter_batches(_ROWS):
                yield from _column(batch, manifest)


def _column(batch: pyarrow.RecordBatch, manifest: Place) -> Iterator[str]:
    if "uri" not in batch.schema.names:
        raise ValueError(f"{manifest}: this manifest has no column 'uri'; name the column with the URIs so")
    yield from (str(uri) for uri in batch.column(batch.schema.names.index("uri")).to_pylist() if uri is not None)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
