"""A worker: the process in which the library works, and the threads that speak with it.

One thread writes, one reads and one watches, so that a signal, a garbage collection or a worker that hangs never leaves a frame half
written or a caller waiting. Nothing here may raise anything to a caller but that the worker does not start.
"""

import collections
import contextlib
import itertools
import queue
import signal
import subprocess
import threading
import time
from typing import Any, Optional

from .. import _abi
from ..errors import LoadError
from . import frames, program
from .arguments import Arguments, Function
from .call import Call
from .frames import Garbage, Values, framed

# How long a worker may take to begin: the library is read from a disk that may be slow. In seconds.
_BEGINNING = 60

# How long a worker may be silent while it has something to do, and how long it may go on after it was asked to stop. In seconds.
PATIENCE = 10


class Worker:
    """A running worker, or one that has ended.

    Arguments:
        file: the program.
        library: the path or the name of the library that the program loads.

    Attributes:
        lost: why it has ended, as a sentence without a full stop; None while it works.
        version: the library's, as a number.

    Raises LoadError if it does not begin, or is of another release.
    """

    def __init__(self, file: str, library: str) -> None:
        self.lost: Optional[str] = None
        self.version = 0
        self._calls: dict[int, Call] = {}
        # The cancellation tokens that were requested, by the caller's numbers.
        self._requested: set[Optional[int]] = set()
        self._numbers = itertools.count(1)
        self._outgoing: "queue.SimpleQueue[Optional[bytes]]" = queue.SimpleQueue()
        self._hello: "queue.SimpleQueue[Optional[Values]]" = queue.SimpleQueue()
        self._reason: Optional[str] = None
        self._received = False
        self._said: collections.deque[bytes] = collections.deque(maxlen=20)
        try:
            self._process = program.start(file, library)
        except OSError as error:
            raise LoadError(f"{file} cannot be started ({error})") from None
        greeting = frames.GREETING + frames.U32.pack(frames.PROTOCOL) + frames.U32.pack(_abi.ENL_ABI_VERSION) + b"\n"
        self._outgoing.put(greeting)
        for work in (self._write, self._read, self._listen):
            self._start(work)
        try:
            self._check(file, self._hello.get(timeout=_BEGINNING))
        except queue.Empty:
            self.end("did not begin in time")
            raise LoadError(f"{file} does not answer; install Enlarger again") from None
        except BaseException:
            self.end("was not used")
            raise
        self._start(self._watch)

    @staticmethod
    def _start(work: Any) -> None:
        threading.Thread(target=work, name="enlarger-worker", daemon=True).start()

    def _check(self, file: str, hello: Optional[Values]) -> None:
        """Compares the worker's versions and functions with those of this package."""
        if hello is None:
            raise LoadError(f"{file} {self._ending()}")
        try:
            greeting = hello.take(4)
            protocol, abi, self.version, count = (hello.number(frames.U32) for _ in range(4))
            known = [(hello.counted().decode(), hello.counted().decode()) for _ in range(min(count, 1 << 16))]
        except (Garbage, UnicodeDecodeError):
            greeting, protocol, abi, known = b"", 0, 0, []
        if greeting != frames.GREETING or (protocol, abi) != (frames.PROTOCOL, _abi.ENL_ABI_VERSION):
            raise LoadError(
                f"{file} has version {protocol} of the protocol and {abi} of the interface, but this package needs "
                f"{frames.PROTOCOL} and {_abi.ENL_ABI_VERSION}; install both from the same release"
            )
        self.places = {name: place for place, (name, _) in enumerate(known)}
        for name, types in known:
            if _abi.TYPES.get(name, types) != types:
                raise LoadError(f"{file} has another {name} than this package; install both from the same release")

    @property
    def process(self) -> int:
        """The number of the process."""
        return self._process.pid

    def call(self, function: Function, arguments: Arguments, parent: int, cancel: Optional[int]) -> Call:
        """Sends a call. Its pixels must stay where they are until its result has come."""
        call = Call(next(self._numbers), function, arguments, cancel)
        call.stopping = self.is_requested(cancel)
        self._calls[call.number] = call
        for place, piece in arguments.memory.pieces:
            self._outgoing.put(framed(frames.PIXELS, call.number, frames.U64.pack(place), piece))
        head = frames.U64.pack(parent) + arguments.memory.announced + frames.U16.pack(function.place)
        self._outgoing.put(framed(frames.CALL, call.number, head, *arguments.parts))
        if self.lost is not None:
            call.inbox.put(None)
        return call

    def forget(self, call: Call) -> None:
        """Forgets a call whose result has come."""
        self._calls.pop(call.number, None)

    def abandon(self, call: Call) -> None:
        """Lets a call go for which nobody waits any more: its callbacks stop it, and what it makes is freed."""
        call.abandoned = True
        self._settle(call)

    def _settle(self, call: Call) -> None:
        if call.settle(lambda returned, row: self.answer(call, returned, row), lambda number: self._free_new(call, number)):
            self.forget(call)

    def answer(self, call: Call, returned: bytes, row: Any) -> None:
        """Sends what a callback has returned."""
        self._outgoing.put(framed(frames.ANSWER, call.number, returned, row))

    def tell(self, function: Function, number: int) -> None:
        """Frees an object or requests a cancel, by the object's number there. Never waits."""
        place = frames.U16.pack(function.place)
        self._outgoing.put(framed(frames.TELL, 0, place, frames.U64.pack(number)))

    def _free_new(self, call: Call, number: int) -> None:
        name = call.function.name.rsplit("_", 1)[0] + "_free"
        self.tell(Function(self.places[name], name), number)

    def change_environment(self, payload: bytes) -> None:
        """Sends what has changed of the working folder and the environment."""
        self._outgoing.put(framed(frames.ENVIRONMENT, 0, payload))

    def is_requested(self, cancel: Optional[int]) -> bool:
        """Whether calls with this cancellation token are to stop."""
        return cancel in self._requested

    def request_stop(self, cancel: int) -> None:
        """Remembers that calls with this cancellation token are to stop soon, those to come as well."""
        self._requested.add(cancel)
        for call in list(self._calls.values()):
            if call.cancel == cancel:
                call.stopping = True

    def end(self, reason: str) -> None:
        """Ends the process at once. The reason goes into the sentence about it."""
        if self._reason is None:
            self._reason = reason
        with contextlib.suppress(OSError):
            self._process.kill()

    def leave(self) -> None:
        """Lets go of a worker that belongs to the process from which this one was forked."""
        self.lost = "works for another process, of which this one is a copy"
        for call in list(self._calls.values()):
            call.inbox.put(None)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        # It is no child of this process, and must not be waited for.
        self._process.returncode = 0

    # ---- the threads

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        if hasattr(signal, "pthread_sigmask"):
            # Writing to a worker that has ended would end a host that does not ignore this signal, such as Krita.
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE])
        # If nobody reads, the reading thread says why.
        with contextlib.suppress(OSError, ValueError), pipe:
            while True:
                frame = self._outgoing.get()
                if frame is None:
                    return
                view = memoryview(frame)
                while view:
                    view = view[pipe.write(view) :]

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        try:
            while True:
                kind, number, values = frames.read(pipe.read)
                self._received = True
                if kind == frames.HELLO:
                    self._hello.put(values)
                elif kind != frames.ALIVE:
                    self._give(kind, number, values)
        except (EOFError, OSError, ValueError):
            pass
        except Garbage as garbage:
            self.end(f"has sent what is not understood ({garbage})")
        self._bury()
        pipe.close()

    def _give(self, kind: int, number: int, values: Values) -> None:
        call = self._calls.get(number)
        if call is None:
            raise Garbage(f"there is no call {number}")
        call.inbox.put((kind, values))
        if call.abandoned:
            self._settle(call)

    def _listen(self) -> None:
        """Keeps the last lines of what the process says, for the sentence about its end."""
        pipe = self._process.stderr
        assert pipe is not None
        with pipe, contextlib.suppress(OSError, ValueError):
            while True:
                said = pipe.read(4096)
                if not said:
                    return
                self._said.append(said)

    def _watch(self) -> None:
        """Ends the process if it is silent although it has something to do, or does not stop when it is asked to."""
        silent = 0
        # Counts seconds in which this process has run: one that was halted itself must not blame the worker.
        while self.lost is None:
            time.sleep(1)
            calls = list(self._calls.values())
            silent = silent + 1 if calls and not self._received else 0
            self._received = False
            for call in calls:
                if call.stopping and not call.in_callback:
                    call.patience += 1
            if silent >= PATIENCE:
                self.end(f"did not answer for {PATIENCE} seconds and was ended")
            elif any(call.patience >= PATIENCE for call in calls):
                self.end(f"did not stop within {PATIENCE} seconds and was ended")

    def _bury(self) -> None:
        """Waits for the process and tells all callers."""
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self.end("has closed its pipes")
            self._process.wait()
        # What it has said last may not have been read yet.
        time.sleep(0.05)
        self.lost = self._ending()
        self._outgoing.put(None)
        self._hello.put(None)
        for call in list(self._calls.values()):
            call.inbox.put(None)

    def _ending(self) -> str:
        """Why the process has ended, after its name."""
        if self._reason is not None:
            return self._reason
        how = program.how_it_ended(self._process.returncode or 0)
        lines = b"".join(self._said).decode(errors="replace").strip().splitlines()
        return f"{how} ({lines[-1][:300].strip()})" if lines else how
