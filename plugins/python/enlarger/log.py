"""The library's messages: what a user should know, and what was chosen and why.

One taker for the whole process. It is never called after it was replaced.
"""

from . import _abi
from ._call import check
from ._load import load
from .errors import invalid

_LEVELS = {"warning": _abi.ENL_LOG_WARNING, "info": _abi.ENL_LOG_INFO}
_NAMES = {number: name for name, number in _LEVELS.items()}
_taker = None


def set_log(taker, level="warning"):
    """Sets who takes the messages, as taker(level, message); None for nobody, as in the beginning.

    Levels are "warning" (something that a user should know: a model that cannot be used, a tile that needed a second
    try) and "info" (what was chosen and why; with the warnings). The taker is called on the thread whose call has
    something to say, never by two at once. What it raises is given to sys.unraisablehook.
    """
    global _taker
    if level not in _LEVELS:
        raise invalid(f"'{level}' is no log level; there are: {', '.join(_LEVELS)}")
    kind = _abi.enl_log_callback

    def take(_, number, message):
        taker(_NAMES.get(number, "info"), message.decode())

    callback = kind(take) if taker is not None else kind()
    check(load().enl_log_set(_LEVELS[level], callback, None))
    # Only now is the old one of no use any more.
    _taker = callback
