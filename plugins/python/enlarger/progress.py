"""How far a run is, and how long it will still take.

Nothing in it goes backwards, and no time is told before there is something to tell it from.
"""

import time
from dataclasses import dataclass, replace
from typing import Optional

from . import _abi

_PHASES = {
    _abi.ENL_PHASE_PREPARE: "prepare",
    _abi.ENL_PHASE_TILES: "tiles",
    _abi.ENL_PHASE_FINISH: "finish",
}


@dataclass(frozen=True)
class Progress:
    """One report.

    Attributes:
        tiles_done, tiles_total: tiles; in all 0 where no network is needed.
        rows_done, rows_total: rows of the result that went out.
        phase: "prepare", "tiles" (the network works) or "finish" (the last rows go out).
        seconds_left: an estimate; None until enough was seen to make one.
    """

    tiles_done: int
    tiles_total: int
    rows_done: int
    rows_total: int
    phase: str
    seconds_left: Optional[float] = None

    @property
    def fraction(self):
        """From 0.0 to 1.0; 1.0 when everything is done. The network is nearly all of it."""
        rows = self.rows_done / max(self.rows_total, 1)
        if self.tiles_total == 0:
            return rows
        return (19 * (self.tiles_done / self.tiles_total) + rows) / 20


class TimeLeft:
    """An estimate of the time that is left, from how fast it went so far.

    The time until something first moves is left out: it is getting ready, and says nothing about the speed.
    """

    # Less than this is too little to tell anything from.
    SEEN = 0.5

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._first = None
        self._last = None

    def update(self, fraction):
        """Takes how far it is; returns seconds, or None as long as nobody can know."""
        now = self._clock()
        if fraction > 0 and self._first is None:
            self._first = self._last = (now, fraction)
        elif self._first is not None and fraction > self._last[1]:
            self._last = (now, fraction)
        if self._first is None:
            return None
        seconds, done = (last - first for first, last in zip(self._first, self._last))
        if seconds < self.SEEN or done <= 0:
            return None
        return max(0.0, (1.0 - self._last[1]) * seconds / done - (now - self._last[0]))


def report(raw, time_left):
    """The report that the library gives, with the time."""
    phase = _PHASES.get(raw.phase, "tiles")
    progress = Progress(raw.tiles_done, raw.tiles_total, raw.rows_done, raw.rows_total, phase)
    return replace(progress, seconds_left=time_left.update(progress.fraction))
