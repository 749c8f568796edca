"""Pixels of a call: rows in memory that both processes share, or pieces that go through the pipe.

The caller's memory is read and written only where its rows are, and only if the library will accept the view: one that it refuses is
passed on as it is. Shared memory has no name that could stay behind.
"""

import contextlib
import ctypes
import mmap
import os
import sys
import threading
import uuid
from collections.abc import Iterator
from typing import Any, Optional

from .. import _abi
from ..formats import CHANNELS, SAMPLES
from .frames import PIECE, U64, Garbage, counted

_MAX_SIDE = 1 << 20
_CHANNELS = dict(CHANNELS.values())
_SAMPLES = dict(SAMPLES.values())

# Fewer bytes go through the pipe sooner than memory is made for them.
_FEW = 1 << 15

# Whether shared memory works with the worker: not yet known to fail.
_shared = True
_lock = threading.Lock()


class Part:
    """The pixels of a view: rows in the caller's memory, and their place in the memory of the call."""

    def __init__(self, view: _abi.enl_view, row: int, place: int, wanted: bool) -> None:
        self.address: int = view.data or 0
        self.bytes: int = view.size
        self.stride: int = view.stride
        self.height: int = view.height
        self.row = row
        self.place = place
        self.wanted = wanted

    @property
    def size(self) -> int:
        return self.row * self.height

    def overlaps(self, other: "Part") -> bool:
        """Whether the memory of two views has bytes in common, as the library sees it."""
        return self.address < other.address + other.bytes and other.address < self.address + self.bytes

    def to(self, address: int) -> None:
        """Copies the rows to an address, without what lies between them."""
        self._copy(address, False)

    def back(self, address: int) -> None:
        """Copies rows without anything between them back to the caller's."""
        self._copy(address, True)

    def _copy(self, packed: int, back: bool) -> None:
        # One row needs no padding at its end, so the caller's memory may end with it.
        if self.stride == self.row or self.height == 1:
            steps = [(self.address, packed, self.size)]
        else:
            steps = [(self.address + y * self.stride, packed + y * self.row, self.row) for y in range(self.height)]
        for own, theirs, count in steps:
            ctypes.memmove(*((own, theirs) if back else (theirs, own)), count)


def row_of(view: _abi.enl_view) -> Optional[int]:
    """The bytes of a row, or None for a view that the library refuses. The rules are those of capi/src/view.rs."""
    format, alpha = view.format, view.format & ~255
    channels, sample = _CHANNELS.get(format & 240), _SAMPLES.get(format & 15)
    if channels is None or sample is None or format < 0 or alpha not in (0, _abi.ENL_ALPHA_PREMULTIPLIED):
        return None
    if alpha and channels in (1, 3):
        return None
    row: int = view.width * channels * sample
    fits = 1 <= view.width <= _MAX_SIDE and 1 <= view.height <= _MAX_SIDE and view.reserved == 0 and row <= view.stride
    if not view.data or not fits or view.stride * (view.height - 1) + row > view.size:
        return None
    return row if view.data + view.size < 1 << (8 * ctypes.sizeof(ctypes.c_void_p)) else None


class Memory:
    """The memory of one call."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self.size = max((part.place + part.size for part in parts), default=0)
        # What tells the worker about it.
        self.announced = b"\0"
        # Frames of pixels that go before the call: place and bytes.
        self.pieces: list[tuple[int, bytes]] = []
        self._mapped: Optional[mmap.mmap] = None

    def receive(self, place: int, data: bytes) -> None:
        """Takes a piece that came through the pipe."""
        for part in self.parts:
            if part.wanted and part.place <= place and place + len(data) <= part.place + part.size:
                self._made(part, place - part.place, data)
                return
        raise Garbage("pixels came that nobody wants")

    def _made(self, part: Part, place: int, data: bytes) -> None:
        """Copies packed pixels from a place in a part on to the caller's rows."""
        buffer = ctypes.create_string_buffer(data, len(data))
        start, done = ctypes.addressof(buffer), 0
        while done < len(data):
            y, x = divmod(place + done, part.row)
            left = len(data) - done
            count = left if part.stride == part.row else min(part.row - x, left)
            ctypes.memmove(part.address + y * part.stride + x, start + done, count)
            done += count

    def take_back(self) -> None:
        """Copies what the worker has made in shared memory to the caller's."""
        if self._mapped is not None:
            with _address(self._mapped) as address:
                for part in self.parts:
                    if part.wanted:
                        part.back(address + part.place)

    @contextlib.contextmanager
    def filled(self) -> Iterator[None]:
        """Has the pixels where the worker can get them, inside the block. Raises MemoryError."""
        if not self.size:
            yield
            return
        with contextlib.ExitStack() as stack:
            name = stack.enter_context(self._share()) if _shared and self.size > _FEW else None
            if name is None:
                self._divide()
            else:
                self.announced = b"\1" + counted(name.encode()) + U64.pack(self.size)
            yield

    def _divide(self) -> None:
        self.announced = b"\2" + U64.pack(self.size)
        sent = [part for part in self.parts if not part.wanted]
        end = max((part.place + part.size for part in sent), default=0)
        packed = ctypes.create_string_buffer(end) if end else None
        for part in sent:
            part.to(ctypes.addressof(packed) + part.place)  # type: ignore[arg-type]
        if packed is not None:
            whole = memoryview(packed).cast("B")
            self.pieces = [(at, bytes(whole[at : at + PIECE])) for at in range(0, end, PIECE)]

    @contextlib.contextmanager
    def _share(self) -> Iterator[Optional[str]]:
        """Memory with the pixels: the name by which the worker opens it, or None where there is none."""
        made = _new_mapping(self.size)
        if made is None:
            yield None
            return
        mapped, name, file = made
        try:
            with _address(mapped) as address:
                for part in self.parts:
                    if not part.wanted:
                        part.to(address + part.place)
            self._mapped = mapped
            yield name
        finally:
            self._mapped = None
            mapped.close()
            if file is not None:
                os.close(file)


def _new_mapping(size: int) -> Optional[tuple[mmap.mmap, str, Optional[int]]]:
    """New shared memory, its name, and its file; None on systems without it. Raises MemoryError."""
    try:
        if sys.platform == "win32":
            name = f"Local\\enlarger-{os.getpid()}-{uuid.uuid4().hex}"
            return mmap.mmap(-1, size, tagname=name), name, None
        if sys.platform != "linux" or not hasattr(os, "memfd_create"):
            return None
        file = os.memfd_create("enlarger", os.MFD_CLOEXEC)
    except OSError as error:
        raise MemoryError(str(error)) from None
    try:
        # The system would give more than it has, and then end a process.
        if size > _free_memory():
            raise MemoryError("the machine has less")
        # Memory that is not there would end the process that touches it.
        os.posix_fallocate(file, 0, size)
        return mmap.mmap(file, size), f"/proc/{os.getpid()}/fd/{file}", file
    except BaseException as error:
        os.close(file)
        if isinstance(error, (OSError, OverflowError, ValueError)):
            raise MemoryError(str(error)) from None
        raise


def _free_memory() -> int:
    """The bytes of memory that are free, as Linux estimates them."""
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return sys.maxsize


@contextlib.contextmanager
def _address(mapped: mmap.mmap) -> Iterator[int]:
    """The address of a mapping, which stays until the end of the block."""
    first: Any = ctypes.c_char.from_buffer(mapped)
    try:
        yield ctypes.addressof(first)
    finally:
        del first


def share_no_more() -> None:
    """Shared memory does not work with the worker here: pixels go through the pipe from now on."""
    global _shared
    with _lock:
        _shared = False
