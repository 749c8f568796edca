"""Frames and values, as they go through the pipes. `capi/src/serve` has the other side and describes them.

A length is compared with its limit before memory is taken for it.
"""

import struct
from typing import Any, Callable

GREETING = b"\x7fENL"
PROTOCOL = 2

# What a frame to the worker means, and one from it.
CALL, ANSWER, PIXELS, TELL, ENVIRONMENT = 1, 2, 3, 4, 5
HELLO, RESULT, CALLBACK, MADE_PIXELS, ALIVE = 128, 129, 130, 131, 132

# Callbacks.
PROGRESS, STEP, READ, WRITE, LOG = 1, 2, 3, 4, 5

# How a result begins.
CALLED, NO_MEMORY, NOT_SHARED = 0, 1, 2

# The most bytes that an option may have, the longest frame, and the bytes that pixels are divided into.
MOST_BYTES = 64 << 20
LONGEST = MOST_BYTES + (1 << 20)
PIECE = 1 << 20

_HEAD = struct.Struct("=IBQ")
U64 = struct.Struct("=Q")
U32 = struct.Struct("=I")
U16 = struct.Struct("=H")
I32 = struct.Struct("=i")
F64 = struct.Struct("=d")


class Garbage(Exception):
    """What the worker has sent is not the protocol."""


def framed(kind: int, call: int, *parts: Any) -> bytes:
    """A frame for the worker."""
    return b"".join((_HEAD.pack(sum(map(len, parts)), kind, call), *parts))


def read(receive: Callable[[int], bytes]) -> tuple[int, int, "Values"]:
    """The next frame of the worker: kind, call, payload. Raises EOFError at the end, and Garbage."""
    length, kind, call = _HEAD.unpack(_exactly(receive, _HEAD.size))
    if not HELLO <= kind <= ALIVE:
        raise Garbage(f"{kind} is not a kind of frame")
    if length > LONGEST:
        raise Garbage(f"a frame of {length} bytes is too long")
    return kind, call, Values(_exactly(receive, length))


def _exactly(receive: Callable[[int], bytes], count: int) -> bytes:
    received = receive(min(count, PIECE)) if count else b""
    if len(received) == count:
        return received
    parts = [received]
    missing = count - len(received)
    while missing:
        if not parts[-1]:
            raise EOFError
        parts.append(receive(min(missing, PIECE)))
        missing -= len(parts[-1])
    return b"".join(parts)


class Values:
    """Reads values from a payload. Raises Garbage if it ends too early."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0

    def take(self, count: int) -> bytes:
        taken = self._payload[self._at : self._at + count]
        if len(taken) != count:
            raise Garbage(f"a frame ends where {count} more bytes should be")
        self._at += count
        return taken

    def number(self, kind: struct.Struct) -> Any:
        return kind.unpack(self.take(kind.size))[0]

    def byte(self) -> int:
        return self.take(1)[0]

    def counted(self) -> bytes:
        return self.take(self.number(U32))

    def rest(self) -> bytes:
        taken = self._payload[self._at :]
        self._at = len(self._payload)
        return taken

    def end(self) -> None:
        if self._at != len(self._payload):
            raise Garbage(f"a frame has {len(self._payload) - self._at} bytes too many")


def counted(data: bytes) -> bytes:
    """Bytes after their count."""
    return U32.pack(len(data)) + data
