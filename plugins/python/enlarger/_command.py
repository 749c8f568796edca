"""Where the command is that comes with the package.

Only the wheel holds it. Another command that happens to be on the path must never be taken for it.
"""

import os
import sys

_NAME = "enlarge.exe" if sys.platform == "win32" else "enlarge"
_COMMAND = os.path.join(os.path.dirname(os.path.abspath(__file__)), _NAME)


def command() -> str:
    """The path of the command. Raises FileNotFoundError, which says what to install."""
    if not os.path.exists(_COMMAND):
        raise FileNotFoundError(
            f"this installation of the Python package holds no command ({_COMMAND}); install the wheel, which "
            "scripts/package wheel makes"
        )
    return _COMMAND
