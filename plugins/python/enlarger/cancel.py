"""The cancellation token.

Any thread may request cancellation at any time. It must never be used for anything but stopping runs.
"""

import ctypes
from typing import Any, Optional

from ._call import Handle, check
from ._load import load


class Cancel(Handle):
    """Pass it to runs and call request() from any thread: the runs raise Cancelled within half a second.

    Several runs may share one; request() stops them all. A request cannot be taken back: make a new one for the next run.
    """

    def __init__(self) -> None:
        library = load()
        super().__init__(library.enl_cancel_new, library.enl_cancel_free)

    def request(self) -> None:
        """Requests cancellation; a second request does nothing. Any thread, any time, also inside a callback."""
        check(load().enl_cancel_request(self._handle))

    @property
    def requested(self) -> bool:
        """Whether cancellation was requested. Any thread."""
        answer = ctypes.c_int32()
        check(load().enl_cancel_is_requested(self._handle, ctypes.byref(answer)))
        return answer.value == 1


def cancel_handle(cancel: Optional[Cancel]) -> Any:
    """The handle of a cancellation token that may be left out, for a call of the library."""
    if cancel is not None and not isinstance(cancel, Cancel):
        raise TypeError(f"cancel must be a Cancel, not {type(cancel).__name__}")
    return cancel._handle if cancel is not None else None
