"""One picture of an archive: from its source to its result and its record.

The record lies beside the result and is written first. It says of which picture, with which settings, the result is. It counts
only if the result is there with the size that it states. So whenever a machine is stopped, a picture is either finished or
enlarged again, and a file that no record knows was made by somebody else: it must never be replaced.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Optional, Tuple

from . import process
from .patient import patiently
from .place import PIECE, Place
from .row import Row
from .settings import Settings
from .sources import Source

RECORD = ".enlarged.json"
"""What the name of a record ends with; the name of its picture comes before."""

# How often a picture that fails is tried.
_TRIES = 2
# What waiting does not change.
_FINAL = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)


def enlarge(source: Source, settings: Settings, scratch: Path) -> Row:
    """Enlarges a picture unless that was done before, and says what became of it. Never raises for what the picture, its source
    or the output does. `scratch` is an empty folder of this machine."""
    row = Row(str(source.place))
    if source.error:
        row.error = f"{source.place}: {source.error}"
        return row
    try:
        return _enlarge(source, settings, scratch, row)
    except (OSError, ValueError) as error:
        row.status, row.output, row.error = "failed", None, f"{source.place}: {error}"
        return row


def _enlarge(source: Source, settings: Settings, scratch: Path, row: Row) -> Row:
    picture = scratch / "picture" / source.place.name
    picture.parent.mkdir()
    try:
        row.sha256, row.bytes = patiently(lambda: _fetch(source.place, picture), settings.patience, _FINAL)
    except FileNotFoundError as error:
        raise FileNotFoundError("there is no such file; check the name") from error
    row.settings, row.run = settings.key, settings.run

    record = settings.output.child(source.name + RECORD)
    before = patiently(lambda: _read(record), settings.patience)
    old = None if before is None or before.output is None else record.parent().child(Place.of(before.output).name)
    is_finished = old is not None and before is not None and patiently(old.size, settings.patience) == before.output_bytes
    if before is not None and is_finished and (before.sha256, before.settings) == (row.sha256, row.settings):
        # A task that is repeated meets the results of its first attempt.
        if before.run != settings.run:
            before.status, before.skipped = "skipped", f"the result {old} is finished, as its record says"
        # The archive may have moved.
        before.source, before.output = row.source, str(old)
        return before

    end = _command(picture, source, settings, scratch, row)
    said = end.said
    row.width, row.height = said.get("input_size") or (None, None)
    row.output_width, row.output_height = said.get("output_size") or (None, None)
    row.preset, row.engine, row.seconds = said.get("preset"), said.get("engine"), said.get("seconds")
    row.models, row.warnings = said.get("models") or [], said.get("notes") or []
    if end.error or end.file is None:
        row.status, row.skipped = "failed" if end.error else "skipped", said.get("skipped")
        row.error = f"{source.place}: {end.error}" if end.error else None
        return row

    result = record.parent().child(_result_name(source.place.name, end.file.name))
    row.output, row.output_bytes, row.output_sha256 = str(result), end.file.stat().st_size, _sha256(end.file)
    if not (is_finished and result == old) and patiently(result.size, settings.patience) is not None:
        row.status = "exists"
        row.error = f"{result} exists already, and no record says that it was made from this picture; move it away"
        return row
    row.status = "done"
    written = scratch / "record"
    written.write_text(row.as_json() + "\n", encoding="utf-8")
    file = end.file

    def keep() -> None:
        # Otherwise the new record could be taken for that of the old result.
        if old is not None and is_finished:
            old.remove()
        record.put(written, settings.partial)
        result.put(file, settings.partial)

    patiently(keep, settings.patience)
    return row


def _command(picture: Path, source: Source, settings: Settings, scratch: Path, row: Row) -> process.End:
    """Runs the command, once more if it fails."""
    for row.attempts in range(1, _TRIES + 1):
        end = process.enlarge(picture, source.named, scratch / f"result-{row.attempts}", settings)
        if end.error is None:
            break
    return end


def _fetch(place: Place, to: Path) -> Tuple[str, int]:
    """Copies a picture here. Returns its SHA-256 and its size."""
    hashed, size = hashlib.sha256(), 0
    with place.open() as file, open(to, "wb") as copy:
        while piece := file.read(PIECE):
            hashed.update(piece)
            size += len(piece)
            copy.write(piece)
    return hashed.hexdigest(), size


def _read(record: Place) -> Optional[Row]:
    """The record; None if there is none that can be read."""
    if record.size() is None:
        return None
    with record.open() as file:
        try:
            return Row.from_dict(json.loads(file.read()))
        except (ValueError, TypeError):
            return None


def _result_name(picture: str, made: str) -> str:
    """The name of the result, given the name that the command chose. If the format is another one, the old ending stays in the
    name, so that the results of a.gif and a.png differ."""
    stem, ending = os.path.splitext(picture)
    return made if made.endswith(ending) else picture + made[len(stem) :]


def _sha256(file: Path) -> str:
    hashed = hashlib.sha256()
    with open(file, "rb") as opened:
        while piece := opened.read(PIECE):
            hashed.update(piece)
    return hashed.hexdigest()
