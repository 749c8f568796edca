"""Somebody with an archive: the wheel, pictures, a cluster of one or more nodes, and the command to compare with."""

import os
import subprocess
import tempfile
from pathlib import Path

import numpy
from PIL import Image
from reader import Reader

OPTIONS = ["--preset", "crisp", "-s", "2"]
RECORD = ".enlarged.json"


class Archivist(Reader):
    """A reader whose Python has Ray. Use it in a ``with`` block."""

    def __enter__(self):
        super().__enter__()
        self.install()
        self.see_packages_of_the_tests()
        self.temporary = self.home / "temporary"
        self.temporary.mkdir()
        return self

    def environment(self):
        return {
            **super().environment(),
            "TMPDIR": str(self.temporary),
            "RAY_USAGE_STATS_ENABLED": "0",
            # What makes Ray listen on the loopback interface only.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
        }

    def start(self, *arguments, stderr):
        """Starts `python -m enlarger.archive`."""
        return subprocess.Popen(
            [self.home / "enlarger/bin/python", "-m", "enlarger.archive", *map(str, arguments), "--options", *OPTIONS],
            cwd=self.folder,
            env=self.environment(),
            stderr=stderr,
        )

    def archive(self, *arguments, status=0):
        """Runs `python -m enlarger.archive`. Returns what it writes."""
        return self.run("python", "-m", "enlarger.archive", *map(str, arguments), "--options", *OPTIONS, status=status)


class Nodes:
    """A Ray cluster. Use it in a ``with`` block."""

    def __init__(self, archivist):
        self._archivist = archivist

    def __enter__(self):
        # Not in the archivist's home: the names of Ray's sockets are long, and must not be longer than 107 bytes.
        self._folder = tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp")
        self._process = subprocess.Popen(
            [self._archivist.home / "enlarger/bin/python", Path(__file__).with_name("nodes.py"), self._folder.name],
            env=self._archivist.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.address = self._process.stdout.readline().strip()
        return self

    def add(self):
        self._say("add")

    def remove(self):
        self._say("remove")

    def _say(self, word):
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if answer != word:
            raise AssertionError(f"the cluster answers {answer!r}")

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
        self._folder.cleanup()


def make_pictures(folder, count):
    """Small pictures, each another one, in some folders."""
    random = numpy.random.default_rng(count)
    for number in range(count):
        path = folder / f"day {number % 7}" / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=numpy.uint8)).resize((24, 24)).save(path)


def files(folder):
    """The files below a folder, by their names, without what only archives have."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: content for name, content in found.items() if not name.endswith(RECORD) and "enlarge-journal" not in name}


def processes():
    """The arguments and the parent of each process of this user, by its number."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                found[int(entry.name)] = (arguments, int(parent))
        except OSError:
            continue  # It has ended.
    return found
