"""What a job would do with all of its pictures, and on what, as a dialog shows it.

It is a copy: the upscaler that planned may run something else meanwhile.
"""

from dataclasses import dataclass
from typing import Optional

from .upscaler import Plan


@dataclass(frozen=True)
class Planned:
    """What a job would do.

    Attributes:
        plans: a Plan for each picture; with a rectangle, for that rectangle.
        sizes: for each picture, the width and height that the whole of it would have, in pixels.
        engine, engine_version, device_name: what the network runs on; empty if none runs.
        notes: what could not be done as asked, or could be done better: sentences, often none.
        seconds: how long it takes, by the last run of the same kind on this machine; None if there was none.
    """

    plans: list[Plan]
    sizes: list[tuple[int, int]]
    engine: str
    engine_version: str
    device_name: str
    notes: list[str]
    seconds: Optional[float]
