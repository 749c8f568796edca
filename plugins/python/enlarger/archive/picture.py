"""One picture of an archive: from its source to its result, unless the result is there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Tuple

from . import process, record, result
from .digest import sha256
from .patient import patiently
from .place import PIECE, Place
from .record import Record
from .row import Row
from .settings import Settings
from .source import Source

# How often a picture that fails is tried.
_TRIES = 2
# The most bytes of a name in a folder.
_LONGEST = 255


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
    longest = _LONGEST - len(record.ENDING)
    if not settings.output.root and len(os.fsencode(os.path.basename(source.name))) > longest:
        raise ValueError(f"the name is too long for the record beside the result; shorten it to {longest} bytes")
    picture = scratch / "picture" / source.place.name
    picture.parent.mkdir()
    row.sha256, row.bytes = patiently(lambda: _fetch(source.place, picture), settings.patience)
    row.settings, row.run = settings.key, settings.run

    below = settings.output.child(source.name)
    before = patiently(lambda: record.read(below), settings.patience)
    if before is not None and (before.row.sha256, before.row.settings) == (row.sha256, row.settings):
        if patiently(before.is_finished, settings.patience):
            return _finished(before, row)

    end = _command(picture, source, settings, scratch, row)
    said, file = end.said, end.file
    row.width, row.height = said.get("input_size") or (None, None)
    row.output_width, row.output_height = said.get("output_size") or (None, None)
    row.preset, row.engine, row.seconds = said.get("preset"), said.get("engine"), said.get("seconds")
    row.models, row.warnings = said.get("models") or [], said.get("notes") or []
    if end.error or file is None:
        row.status, row.skipped = "failed" if end.error else "skipped", said.get("skipped")
        row.error = f"{source.place}: {end.error}" if end.error else None
        return row

    place = below.parent().child(result.name(source.place.name, file.name))
    with open(file, "rb") as made:
        row.output, row.output_bytes, row.output_sha256 = str(place), file.stat().st_size, sha256(made)
    patiently(lambda: result.keep(file, place, below, before, row, settings), settings.patience)
    return row


def _finished(before: Record, row: Row) -> Row:
    """What to say of a picture whose result is there."""
    found = before.row
    # A task that is repeated meets the results of its first attempt.
    if found.run != row.run:
        found.status, found.skipped = "skipped", f"the result {before.result} is finished, as its record says"
    # The archive may have moved.
    found.source, found.output = row.source, str(before.result)
    return found


def _command(picture: Path, source: Source, settings: Settings, scratch: Path, row: Row) -> process.End:
    """Runs the command, once more if it fails."""
    for row.attempts in range(1, _TRIES + 1):
        end = process.enlarge(picture, source.named, scratch / f"result-{row.attempts}", settings)
        if end.error is None:
            break
    return end


def _fetch(place: Place, to: Path) -> Tuple[str, int]:
    """Copies a picture here. Returns its SHA-256 and its size. Raises ValueError if there is no such file."""
    # To open a pipe is to wait for ever. There are none in a bucket, where each question costs a request.
    problem = None if place.root else place.problem()
    if problem:
        raise ValueError(problem)
    hashed, size = hashlib.sha256(), 0
    try:
        with place.open() as file, open(to, "wb") as copy:
            while piece := file.read(PIECE):
                hashed.update(piece)
                size += len(piece)
                copy.write(piece)
    except FileNotFoundError as error:
        raise ValueError(place.problem() or str(error)) from error
    return hashed.hexdigest(), size
