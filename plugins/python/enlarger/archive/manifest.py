"""A manifest: a text with a URI or a path on each line, or a CSV or Parquet file with a column `uri`."""

from __future__ import annotations

import io
import os
import posixpath
from typing import Iterator

import pyarrow  # type: ignore[import-untyped]
import pyarrow.csv  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]

from .place import Place
from .source import Source

# Rows of a Parquet file that are read at once.
_ROWS = 4096
_COLUMN = "uri"
# The other columns are not even converted: whatever is in them must not stop a run.
_CSV = {
    "convert_options": pyarrow.csv.ConvertOptions(include_columns=[_COLUMN], column_types={_COLUMN: pyarrow.string()}),
    "parse_options": pyarrow.csv.ParseOptions(newlines_in_values=True),
}


def is_manifest(place: Place) -> bool:
    return _ending(place) in (".txt", ".csv", ".parquet")


def listed(manifest: Place) -> Iterator[Source]:
    """The pictures that a manifest lists."""
    read = {".txt": _lines, ".csv": _csv, ".parquet": _parquet}[_ending(manifest)]
    try:
        yield from (_source(uri, manifest) for uri in read(manifest) if uri)
    except (UnicodeDecodeError, pyarrow.ArrowInvalid) as error:
        message = f"{manifest}: this manifest cannot be read ({error}); write it again, as UTF-8 if it is a text"
        raise ValueError(message) from error


def _source(uri: str, manifest: Place) -> Source:
    if "://" not in uri and not os.path.isabs(uri):
        name = posixpath.normpath(uri)
        place = manifest.parent().child(name)
        wrong = "this path leads out of the manifest's folder with '..'; write the whole path into the manifest"
    else:
        place = Place.of(uri)
        name = str(place).partition("://")[2] if place.root else place.path.lstrip("/")
        wrong = "a URI in a manifest must not contain '.', '..' or an empty part; write it out"
    is_wrong = any(part in ("", ".", "..") for part in name.split("/"))
    return Source(place, name, True, wrong if is_wrong else None)


def _lines(manifest: Place) -> Iterator[str]:
    # Some editors begin a file with a mark, which is no part of the first name.
    with io.TextIOWrapper(manifest.open(), encoding="utf-8-sig") as lines:
        yield from (line.rstrip("\r\n") for line in lines)


def _csv(manifest: Place) -> Iterator[str]:
    with manifest.open() as file:
        try:
            batches = pyarrow.csv.open_csv(file, **_CSV)
        except KeyError as error:
            raise _no_column(manifest) from error
        except pyarrow.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return
            raise
        for batch in batches:
            yield from batch.column(0).to_pylist()


def _parquet(manifest: Place) -> Iterator[str]:
    filesystem, path = manifest.reached()
    with filesystem.open_input_file(path) as file:
        parquet = pyarrow.parquet.ParquetFile(file)
        if _COLUMN not in parquet.schema_arrow.names:
            raise _no_column(manifest)
        for batch in parquet.iter_batches(_ROWS, columns=[_COLUMN]):
            yield from (str(uri) for uri in batch.column(0).to_pylist() if uri is not None)


def _no_column(manifest: Place) -> ValueError:
    return ValueError(f"{manifest}: this manifest has no column '{_COLUMN}'; rename the column with the URIs to '{_COLUMN}'")


def _ending(place: Place) -> str:
    return os.path.splitext(place.name)[1].lower()
