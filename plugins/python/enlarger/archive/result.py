"""The result of a picture: its name, and how it gets its place without replacing anything of somebody else.

The record is written first. So whenever a machine is stopped, a picture is either finished or enlarged again, and a file that
no record knows was made by somebody else.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

from . import record
from .digest import sha256
from .place import Place
from .record import Record
from .row import Row
from .settings import Settings


def name(picture: str, made: str) -> str:
    """The name of the result, given the name that the command chose. If the format is another one, the old ending stays in the
    name, so that the results of a.gif and a.png differ."""
    stem, ending = os.path.splitext(picture)
    # The command keeps an ending that states no format, as in "Mr. Smith".
    return made if made.startswith(f"{picture}.") or made.endswith(ending) else picture + made[len(stem) :]


def rival(picture: str, result: str) -> str:
    """The name of the only other picture that can have the same result: for "scan.png" it is "scan", and the other way round."""
    stem, ending = os.path.splitext(picture)
    format_ending = os.path.splitext(result)[1]
    return picture + format_ending if result.startswith(f"{picture}.") or ending != format_ending else stem


def keep(file: Path, result: Place, picture: Place, before: Optional[Record], row: Row, settings: Settings) -> None:
    """Gives a result its place and writes its record, or notes in the row why not. May be tried again after an OSError.
    `picture` is the picture's own place below the output, and `before` the record that it had."""
    mine, written = Record(row, result), record.place(picture)
    ours = before if before is not None and before.is_unchanged() else None
    replaces = ours is not None and ours.result == result
    if not replaces and result.size() is not None and not mine.is_unchanged():
        _refuse(row, result, _rival(picture, result, settings), before)
        return
    row.status = "done"
    text = file.with_name("record")
    text.write_text(row.as_json() + "\n", encoding="utf-8")
    if ours is not None and replaces:
        # Otherwise the new record could be taken for that of the old result.
        ours.result.remove()
    written.put(text, settings.partial)
    # Whoever comes second sees the record of the first, even if neither has its result yet.
    other = None if replaces else _rival(picture, result, settings)
    if other or not (result.put_new(file, settings.partial) or mine.is_unchanged()):
        written.remove()
        _refuse(row, result, other or _rival(picture, result, settings), before)
    elif ours is not None and not replaces:
        ours.result.remove()


def _rival(picture: Place, result: Place, settings: Settings) -> Optional[Row]:
    """The record of another picture that has this result."""
    other = record.read(picture.parent().child(rival(picture.name, result.name)))
    if other is None or other.result != result:
        return None
    # A run that was stopped may have left a record without a result.
    return other.row if other.row.run == settings.run or result.size() is not None else None


def _refuse(row: Row, result: Place, other: Optional[Row], before: Optional[Record]) -> None:
    if other is not None:
        row.status, row.output = "failed", None
        row.error = f"{row.source}: {other.source} has the same result {result}; enlarge them into separate folders"
        return
    row.status = "exists"
    if before is not None and before.result == result:
        row.error = f"{result} exists already, and was changed since it was made; move it away or remove it"
    else:
        row.error = f"{result} exists already, and no record says that it was made from this picture; move it away"
