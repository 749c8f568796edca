"""The library's log messages: warnings, and which choices were made and why.

There is one log callback for the whole process. It must never be called after it was replaced.
"""

from typing import Any, Callable, Optional

from . import _abi
from ._call import check
from ._load import load
from .errors import invalid

_LEVELS = {"warning": _abi.ENL_LOG_WARNING, "info": _abi.ENL_LOG_INFO}
_NAMES = {number: name for name, number in _LEVELS.items()}
_current: Any = None


def set_log(callback: Optional[Callable[[str, str], Any]], level: str = "warning") -> None:
    """Sets the function that receives log messages, as callback(level, message). None, the default, discards them.

    The levels are "warning" (something that a user should know, such as a model that cannot be used or a tile that was
    computed again) and "info" (also which choices were made and why). The callback runs on the thread whose call has
    something to log, and never on two threads at once. Exceptions in it go to sys.unraisablehook.
    """
    global _current
    if level not in _LEVELS:
        raise invalid(f"'{level}' is not a log level; the levels are: {', '.join(_LEVELS)}")
    kind = _abi.enl_log_callback

    def receive(_: Any, number: int, message: bytes) -> None:
        if callback is not None:
            callback(_NAMES.get(number, "info"), message.decode())

    wrapped = kind(receive) if callback is not None else kind()
    check(load().enl_log_set(_LEVELS[level], wrapped, None))
    # The library may call the previous callback until this point.
    _current = wrapped
