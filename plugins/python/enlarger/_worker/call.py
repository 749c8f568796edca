"""One call that a worker is doing: what comes for it, and its callbacks, which run on the thread that made it."""

import ctypes
import queue
from typing import Any, Callable, Optional

from .. import _abi
from .arguments import Arguments, Function
from .frames import CALLBACK, CALLED, F64, I32, LOG, LONGEST, PROGRESS, READ, RESULT, STEP, U32, U64, Garbage, Values


class Call:
    """A call, from when it is sent until its result has come or its worker has ended."""

    def __init__(self, number: int, function: Function, arguments: Arguments, cancel: Optional[int]) -> None:
        self.number = number
        self.function = function
        self.arguments = arguments
        # The caller's number of its cancellation token.
        self.cancel = cancel
        # Frames for it; None when the worker has ended.
        self.inbox: "queue.SimpleQueue[Optional[tuple[int, Values]]]" = queue.SimpleQueue()
        # Nobody waits any more: the thread was interrupted.
        self.abandoned = False
        # Somebody has asked it to stop, and how many seconds ago at least, its own callbacks not counted.
        self.stopping = False
        self.patience = 0
        self.in_callback = False
        # What the last callback has returned. Once it is anything else than this, no other is called.
        self._returned: int = _abi.ENL_CONTINUE

    def wait(self, answer: Callable[[bytes, Any], None], log: Callable[[int, int, bytes], None]) -> Optional[Values]:
        """Waits for the result, and runs callbacks meanwhile; `answer` sends what they return. None if the worker has ended."""
        while True:
            frame = self.inbox.get()
            if frame is None:
                return None
            kind, values = frame
            if kind == RESULT:
                return values
            if kind == CALLBACK:
                self.in_callback = True
                try:
                    returned, rows = self._call_back(values, log)
                finally:
                    self.in_callback = False
                answer(I32.pack(returned), rows)
            else:
                self.arguments.memory.receive(values.number(U64), values.rest())

    def _call_back(self, values: Values, log: Callable[[int, int, bytes], None]) -> tuple[int, Any]:
        """What a callback returns, and the rows that it has read."""
        which, callbacks = values.byte(), self.arguments.callbacks
        if which == LOG:
            log(values.number(U64), values.number(I32), values.rest())
            return _abi.ENL_CONTINUE, b""
        rows = b""
        # The worker may have asked for more before it knew that the call is to stop, and a callback that has said so expects no other call.
        if self._returned == _abi.ENL_CONTINUE:
            if which == PROGRESS:
                function, data = callbacks["enl_progress_callback"]
                report = _abi.enl_progress.from_buffer_copy(values.rest())
                self._returned = function(data, ctypes.pointer(report))
            elif which == STEP:
                function, data = callbacks["enl_step_callback"]
                self._returned = function(data, values.number(F64), values.rest())
            elif which == READ:
                rows = self._read(values)
            else:
                self._write(values)
            self.stopping = self.stopping or self._returned != _abi.ENL_CONTINUE
        return self._returned, rows if self._returned == _abi.ENL_CONTINUE else b""

    def _read(self, values: Values) -> Any:
        """Reads rows until the callback stops the call."""
        function, data = self.arguments.callbacks["read"]
        x, y, count, size = values.number(U32), values.number(U32), values.number(U32), values.number(U64)
        if count * size > LONGEST:
            raise Garbage(f"{count} rows of {size} bytes are asked for")
        buffer = ctypes.create_string_buffer(count * size)
        for i in range(count):
            self._returned = function(data, x, y + i, ctypes.addressof(buffer) + i * size, size)
            if self._returned != _abi.ENL_CONTINUE:
                break
        return memoryview(buffer).cast("B")

    def _write(self, values: Values) -> None:
        """Passes rows on until the callback stops the call."""
        function, data = self.arguments.callbacks["write"]
        y, size, rows = values.number(U32), values.number(U64), values.rest()
        if size == 0 or len(rows) % size:
            raise Garbage(f"{len(rows)} bytes are no rows of {size} bytes")
        for i in range(len(rows) // size):
            self._returned = function(data, y + i, rows[i * size : (i + 1) * size], size)
            if self._returned != _abi.ENL_CONTINUE:
                break

    def settle(self, answer: Callable[[bytes, Any], None], free: Callable[[int], None]) -> bool:
        """Deals with what has come although nobody waits: a callback stops the call, and what it has made is freed. Says whether the call
        is over.
        """

        def drop(number: int, _: str) -> int:
            free(number)
            return 0

        over = False
        while True:
            try:
                frame = self.inbox.get_nowait()
            except queue.Empty:
                return over
            kind, values = frame if frame is not None else (RESULT, Values(b"\1"))
            if kind == CALLBACK:
                answer(I32.pack(0), b"")
            elif kind == RESULT:
                over = True
                if self.function.makes and values.byte() == CALLED and values.number(I32) == _abi.ENL_OK:
                    self.arguments.take(values, drop)
