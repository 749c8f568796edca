"""`python -m enlarger`, and the `enlarge` that pip installs: the command that comes with the package.

It must never interpret an argument itself.
"""

import os
import subprocess
import sys
from typing import NoReturn

from ._command import command


def main() -> NoReturn:
    """Becomes the command, with the arguments of this process. On Windows, where no process can become another program, it waits
    for the command and ends with its status.
    """
    try:
        path = command()
    except FileNotFoundError as error:
        sys.exit(f"enlarge: {error}")
    if sys.platform != "win32":
        os.execv(path, ["enlarge", *sys.argv[1:]])
    running = subprocess.Popen([path, *sys.argv[1:]])
    while True:
        try:
            sys.exit(running.wait())
        except KeyboardInterrupt:
            pass  # The command gets it too, and cleans up.


if __name__ == "__main__":
    main()
