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
                    returned, row = self._call_back(values, log)
                finally:
                    self.in_callback = False
                if returned != _abi.ENL_CONTINUE:
                    self.stopping = True
                answer(I32.pack(returned), row)
            else:
                self.arguments.memory.receive(values.number(U64), values.rest())

    def _call_back(self, values: Values, log: Callable[[int, int, bytes], None]) -> tuple[int, Any]:
        """What a callback returns, and the row that it has read."""
        which, callbacks = values.byte(), self.arguments.callbacks
        if which == LOG:
            log(values.number(U64), values.number(I32), values.rest())
            return _abi.ENL_CONTINUE, b""
        if which == PROGRESS:
            function, data = callbacks["enl_progress_callback"]
            report = _abi.enl_progress.from_buffer_copy(values.rest())
            return function(data, ctypes.pointer(report)), b""
        if which == STEP:
            function, data = callbacks["enl_step_callback"]
            return function(data, values.number(F64), values.rest()), b""
        if which == READ:
            function, data = callbacks["read"]
            x, y, size = values.number(U32), values.number(U32), values.number(U64)
            if size > LONGEST:
                raise Garbage(f"a row of {size} bytes is asked for")
            buffer = ctypes.create_string_buffer(size)
            returned = function(data, x, y, ctypes.addressof(buffer), size)
            return returned, memoryview(buffer).cast("B") if returned == _abi.ENL_CONTINUE else b""
        function, data = callbacks["write"]
        y, row = values.number(U32), values.rest()
        return function(data, y, row, len(row)), b""

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
