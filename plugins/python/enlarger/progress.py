"""The progress of a run, and an estimate of the time that is left.

Progress must never go backwards, and no time is estimated before there is enough to estimate it from.
"""

import time
from dataclasses import dataclass, replace
from typing import Any, Callable, Optional

from . import _abi

_PHASES = {
    _abi.ENL_PHASE_PREPARE: "prepare",
    _abi.ENL_PHASE_TILES: "tiles",
    _abi.ENL_PHASE_FINISH: "finish",
}


@dataclass(frozen=True)
class Progress:
    """One progress report.

    Attributes:
        tiles_done, tiles_total: tiles; tiles_total is 0 if no network runs.
        rows_done, rows_total: rows of the result that were written.
        phase: "prepare", "tiles" (the network runs) or "finish" (the last rows are written).
        seconds_left: an estimate; None until there is enough to estimate it from.
    """

    tiles_done: int
    tiles_total: int
    rows_done: int
    rows_total: int
    phase: str
    seconds_left: Optional[float] = None

    @property
    def fraction(self) -> float:
        """From 0.0 to 1.0, where everything is done. The network is nearly all of it."""
        rows = self.rows_done / max(self.rows_total, 1)
        if self.tiles_total == 0:
            return rows
        return (19 * (self.tiles_done / self.tiles_total) + rows) / 20


class TimeLeft:
    """Estimates the time that is left from the speed so far.

    The time before the first progress is left out: preparation says nothing about the speed.
    """

    # Seconds of progress that an estimate needs.
    MIN_SECONDS = 0.5

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: Optional[tuple[float, float]] = None
        self._last: Optional[tuple[float, float]] = None

    def update(self, fraction: float) -> Optional[float]:
        """Takes the fraction that is done; returns the seconds that are left, or None as long as they are unknown."""
        now = self._clock()
        if fraction > 0 and self._first is None:
            self._first = self._last = (now, fraction)
        elif self._last is not None and fraction > self._last[1]:
            self._last = (now, fraction)
        if self._first is None or self._last is None:
            return None
        seconds, done = (last - first for first, last in zip(self._first, self._last))
        if seconds < self.MIN_SECONDS or done <= 0:
            return None
        return max(0.0, (1.0 - self._last[1]) * seconds / done - (now - self._last[0]))


def progress_of(raw: Any, time_left: TimeLeft) -> Progress:
    """The report of an enl_progress, with the time that is left."""
    phase = _PHASES.get(raw.phase, "tiles")
    progress = Progress(raw.tiles_done, raw.tiles_total, raw.rows_done, raw.rows_total, phase)
    return replace(progress, seconds_left=time_left.update(progress.fraction))
