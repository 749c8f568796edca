"""Somebody who has the wheel: a home without anything, an environment for Python, and a shell.

The wheel is named by the variable ENLARGER_WHEEL; scripts/test sets it.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WHEEL = Path(os.environ["ENLARGER_WHEEL"])

# What would lead the reader's programs to files of somebody else.
_LEFT_OUT = ("ENLARGER_", "PYTHON", "XDG_", "VIRTUAL_ENV")


class Reader:
    """A reader with a new home. Use it in a ``with`` block."""

    def __enter__(self):
        self._place = tempfile.TemporaryDirectory()
        self.home = Path(self._place.name)
        self.folder = self.home / "own"
        self.folder.mkdir()
        return self

    def __exit__(self, *_):
        self._place.cleanup()

    def install(self):
        """Installs the wheel and nothing else into the environment ~/enlarger."""
        subprocess.run([sys.executable, "-m", "venv", self.home / "enlarger"], check=True)
        self.run("pip", "install", "--quiet", "--no-index", str(WHEEL))

    def see_packages_of_the_tests(self):
        """Lets the environment see NumPy, Pillow and what runs notebooks, without installing them again."""
        ours = next(path for path in sys.path if path.endswith("site-packages"))
        site = next((self.home / "enlarger/lib").glob("python3*")) / "site-packages"
        (site / "tests.pth").write_text(ours + "\n", encoding="utf-8")

    def run(self, program, *arguments, status=0):
        """Runs a program of the environment in the reader's folder. Returns what it writes."""
        return self._run([self.home / "enlarger/bin" / program, *arguments], self.folder, status)

    def shell(self, script, folder=None):
        """Runs a script in the reader's folder or another one."""
        return self._run(["bash", "-euo", "pipefail", "-c", script], folder or self.folder, 0)

    def environment(self):
        """The environment variables of the reader's programs."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
        return {**kept, "HOME": str(self.home)}

    def _run(self, command, folder, status):
        done = subprocess.run(
            command, cwd=folder, env=self.environment(), capture_output=True, text=True, timeout=300
        )
        if done.returncode != status:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr
