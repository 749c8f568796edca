"""`python -m enlarger`, and the `enlarge` that pip installs: the command that comes with the package.

It must never interpret an argument itself.
"""

import os
import sys
from typing import NoReturn

COMMAND = os.path.join(os.path.dirname(os.path.abspath(__file__)), "enlarge")


def main() -> NoReturn:
    """Becomes the command, with the arguments of this process."""
    if not os.path.exists(COMMAND):
        sys.exit(
            f"enlarge: this installation of the Python package holds no command ({COMMAND}); install the wheel that "
            "scripts/package wheel makes, or the command with cargo install --path plugins/cli"
        )
    os.execv(COMMAND, ["enlarge", *sys.argv[1:]])


if __name__ == "__main__":
    main()
