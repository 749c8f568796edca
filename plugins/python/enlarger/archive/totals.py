"""The end of a run in numbers, and its exit status. Both mean what the command's mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Union

from .row import Row


@dataclass
class Totals:
    """All pictures of a run so far."""

    files: int = 0
    """The files on the list."""
    done: int = 0
    skipped: int = 0
    exists: int = 0
    failed: int = 0
    lost: int = 0
    """The files of tasks that ended without a result again and again. Nothing else is known of them."""
    pixels: int = 0
    """The pixels of the results."""
    bytes: int = 0
    """The bytes of the results."""
    seconds: float = 0.0

    def count(self, row: Row) -> None:
        if row.status == "done":
            self.done += 1
            self.pixels += (row.output_width or 0) * (row.output_height or 0)
            self.bytes += row.output_bytes or 0
        elif row.status == "skipped":
            self.skipped += 1
        elif row.status == "exists":
            self.exists += 1
        else:
            self.failed += 1

    @property
    def counted(self) -> int:
        """The files of which it is known what became of them."""
        return self.done + self.skipped + self.exists + self.failed

    @property
    def status(self) -> int:
        """The exit status."""
        return 1 if self.failed or self.lost else 3 if self.exists else 0

    def sentence(self) -> str:
        counts = [
            (self.done, "enlarged"),
            (self.skipped, "left out"),
            (self.exists, "exist already"),
            (self.failed, "failed"),
            (self.lost, "lost with their workers: start the run again"),
        ]
        ended = ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to enlarge"
        size = f"{self.pixels / 1e6:.1f} megapixels, {self.bytes / 1e6:.1f} MB"
        return f"{self.files} files: {ended}; {size}, {self.seconds:.0f} s"

    def as_dict(self) -> Dict[str, Union[int, float]]:
        """As the command's JSON has them."""
        return {**vars(self), "seconds": round(self.seconds, 3)}
