"""The SHA-256 of a file."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from .place import PIECE


def sha256(file: BinaryIO) -> str:
    hashed = hashlib.sha256()
    while piece := file.read(PIECE):
        hashed.update(piece)
    return hashed.hexdigest()
