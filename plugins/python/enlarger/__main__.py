"""`python -m enlarger`, and the `enlarge` that pip installs: the command that comes with the package.

It must never interpret an argument itself.
"""

import os
import sys
from typing import NoReturn

from ._command import command


def main() -> NoReturn:
    """Becomes the command, with the arguments of this process."""
    try:
        path = command()
    except FileNotFoundError as error:
        sys.exit(f"enlarge: {error}")
    os.execv(path, ["enlarge", *sys.argv[1:]])


if __name__ == "__main__":
    main()
