"""A file that may be a picture, as it goes into the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .place import Place


@dataclass(frozen=True)
class Source:
    """A file that may be a picture."""

    place: Place
    name: str
    """Its path below the folder that the user named; what a manifest lists has its whole path. The result lies at the same
    path below the output."""
    named: bool
    """Whether the user named the file itself. In a folder, files that are no pictures are left out."""
    error: Optional[str] = None
    """Why it cannot be enlarged, if that is known already."""
