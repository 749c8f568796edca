"""How the pictures of a run are enlarged, for all machines the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Tuple

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
                raise ValueError(f"{name}: leave it out; folders are taken whole, and a run goes on where another stopped")

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
    def table(self) -> Place:
        """The folder with the table of results of this run."""
        return self.output.child("results.parquet").child(self.run)
