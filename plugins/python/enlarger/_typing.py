"""Types that Python 3.9 does not have, for type checkers.

They must never be needed when a program runs: type checkers bring `typing_extensions` with them, and hosts do not.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Buffer, Unpack
else:
    # Anything with the buffer protocol.
    Buffer = Any
    # Unpack[TypedDict]: the types of **keywords. Used inside quotes only.
    Unpack = None

__all__ = ["Buffer", "Unpack"]
