"""A wish to stop.

One object that any thread may raise at any time; it must never be needed for anything else than stopping.
"""

import ctypes

from ._call import Handle, check
from ._load import load


class Cancel(Handle):
    """Give it to runs; call request() from any thread, and they answer within half a second by raising Cancelled.

    It may serve several runs, which it stops together, and cannot be taken back: make a new one for the next run.
    """

    def __init__(self):
        library = load()
        super().__init__(library.enl_cancel_new, library.enl_cancel_free)

    def request(self):
        """Asks to stop. Doing it again does nothing. Any thread, any time, also inside a callback."""
        check(load().enl_cancel_request(self._handle))

    @property
    def requested(self):
        """Whether somebody has asked. Any thread."""
        answer = ctypes.c_int32()
        check(load().enl_cancel_is_requested(self._handle, ctypes.byref(answer)))
        return answer.value == 1
