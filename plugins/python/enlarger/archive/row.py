"""What became of a picture: a row of the table of results, and the record beside the result.

It must not decide anything.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

import pyarrow  # type: ignore[import-untyped]

Values = Dict[str, Any]
"""A row as a dictionary, which is what machines send each other."""

SCHEMA = pyarrow.schema(
    [
        ("source", pyarrow.string()),
        ("status", pyarrow.string()),
        ("output", pyarrow.string()),
        ("sha256", pyarrow.string()),
        ("bytes", pyarrow.int64()),
        ("width", pyarrow.int64()),
        ("height", pyarrow.int64()),
        ("output_sha256", pyarrow.string()),
        ("output_bytes", pyarrow.int64()),
        ("output_width", pyarrow.int64()),
        ("output_height", pyarrow.int64()),
        ("preset", pyarrow.string()),
        ("models", pyarrow.list_(pyarrow.string())),
        ("engine", pyarrow.string()),
        ("seconds", pyarrow.float64()),
        ("attempts", pyarrow.int64()),
        ("warnings", pyarrow.list_(pyarrow.string())),
        ("skipped", pyarrow.string()),
        ("error", pyarrow.string()),
        ("settings", pyarrow.string()),
        ("run", pyarrow.string()),
    ]
)


@dataclass
class Row:
    """What became of a picture in a run. What is not known is None."""

    source: str
    """The path or the URI of the picture."""
    status: str = "failed"
    """As in the command's JSON: ``done``, ``skipped``, ``exists`` or ``failed``."""
    output: Optional[str] = None
    """The path or the URI of the result."""
    sha256: Optional[str] = None
    """The SHA-256 of the picture."""
    bytes: Optional[int] = None
    width: Optional[int] = None
    height: Optional[int] = None
    output_sha256: Optional[str] = None
    output_bytes: Optional[int] = None
    output_width: Optional[int] = None
    output_height: Optional[int] = None
    preset: Optional[str] = None
    models: List[str] = field(default_factory=list)
    """The models in the order in which they ran."""
    engine: Optional[str] = None
    seconds: Optional[float] = None
    """How long the command ran the last time."""
    attempts: int = 0
    """How often the command was run."""
    warnings: List[str] = field(default_factory=list)
    skipped: Optional[str] = None
    """Why the picture was left out."""
    error: Optional[str] = None
    """What failed, and what to do."""
    settings: Optional[str] = None
    """A hash of the command's version and options."""
    run: Optional[str] = None
    """The run in which the picture was enlarged."""

    def as_dict(self) -> Values:
        return dataclasses.asdict(self)

    def as_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False)

    @classmethod
    def from_dict(cls, values: Values) -> Row:
        """A row from a dictionary, which may have keys of later versions."""
        known = {one.name for one in dataclasses.fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in known})
