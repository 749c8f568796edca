"""How the pictures of a run are enlarged, for all machines the same."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import Iterator, Tuple

from .place import Place

# What the archive itself says to the command.
_OURS = {
    "-o": "--output",
    "--output": "--output",
    "-j": "--threads",
    "--jobs": "--threads",
    "--threads": "--threads",
    "--max-memory": "--memory",
    "--json": "--json",
}
_OF_NO_USE = ("-r", "--recursive", "--resume", "--skip-existing", "--overwrite", "--dry-run", "--shard")

TABLES = "results.parquet"
"""The folder in the output that has the tables of all runs."""


@dataclass(frozen=True)
class Settings:
    """How pictures are enlarged."""

    output: Place
    options: Tuple[str, ...]
    """The options of the command."""
    version: str
    """The version of the command."""
    threads: int
    """The cores for each picture."""
    memory: int
    """The bytes that the command may use for a picture."""
    patience: float
    """The seconds for which reading and writing is tried again."""
    run: str
    """The name of the run."""

    def __post_init__(self) -> None:
        for option in self.options:
            # A value may be glued to a short option.
            name = option.partition("=")[0] if option.startswith("--") else option[:2]
            if name in _OURS:
                raise ValueError(f"{name}: give {_OURS[name]} to enlarger.archive, not to the command")
            if name in _OF_NO_USE:
                raise ValueError(f"{name}: leave it out; folders are taken whole, and a run resumes what another began")
        for file in self.files:
            if not os.path.isabs(file):
                raise ValueError(f"{file}: give the whole path, under which each machine must have the file")

    @property
    def files(self) -> Tuple[str, ...]:
        """The files that the options name."""
        return tuple(_files(self.options))

    @property
    def key(self) -> str:
        """A hash of what decides the result of a picture."""
        return hashlib.sha256(json.dumps([self.version, *self.options]).encode()).hexdigest()

    @property
    def own(self) -> Place:
        """The folder for what a run needs while it runs."""
        return self.output.child(".enlarger")

    @property
    def partial(self) -> Place:
        """The folder for files that are not complete."""
        return self.own.child("partial")

    @property
    def list(self) -> Place:
        """The folder with the list of pictures."""
        return self.own.child("list")

    @property
    def tasks(self) -> Place:
        """The folder with how far tasks got."""
        return self.own.child("tasks")

    @property
    def table(self) -> Place:
        """The folder with the table of results of this run."""
        return self.output.child(TABLES).child(self.run)


def _files(options: Tuple[str, ...]) -> Iterator[str]:
    for position, option in enumerate(options):
        name, separator, value = option.partition("=")
        values = (value,) if separator else options[position + 1 : position + 2]
        # An engine may be one by its name.
        if name == "--mask" or (name == "--engine" and "/" in "".join(values)):
            yield from values
