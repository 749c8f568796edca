"""The record of a picture, which lies beside its result: of which picture, with which settings, the result is.

It counts only if the result is there with the size that it states.
"""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from typing import Optional

from .digest import sha256
from .place import Place
from .row import Row

ENDING = ".enlarged.json"
"""What the name of a record ends with; the name of its picture comes before."""


@dataclass(frozen=True)
class Record:
    """What a record says."""

    row: Row
    result: Place

    def is_finished(self) -> bool:
        """Whether the result is there with its size."""
        return self.row.output_bytes is not None and self.result.size() == self.row.output_bytes

    def is_unchanged(self) -> bool:
        """Whether the result is there with its content."""
        if not self.is_finished():
            return False
        with self.result.open() as file:
            return sha256(file) == self.row.output_sha256


def place(picture: Place) -> Place:
    """The place of the record of a picture, given the picture's own place below the output."""
    return picture.parent().child(picture.name + ENDING)


def read(picture: Place) -> Optional[Record]:
    """The record of a picture; None if there is none that can be read."""
    written = place(picture)
    if written.size() is None:
        return None
    with written.open() as file:
        try:
            row = Row.from_dict(json.loads(file.read()))
            # The archive may have moved. A name in a bucket may contain what would have a meaning in a URI.
            return Record(row, written.parent().child(posixpath.basename(row.output or "")))
        except (ValueError, TypeError, AttributeError):
            return None
