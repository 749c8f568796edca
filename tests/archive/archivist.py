"""Somebody with an archive: the wheel, pictures, a cluster of one or more nodes, and the command to compare with."""

import atexit
import functools
import os
import secrets
import subprocess
import tempfile
from pathlib import Path

import numpy
from PIL import Image
from reader import Reader

# The engine that opens small networks in the shortest time.
OPTIONS = ["--preset", "crisp", "-s", "2", "--engine", "rten"]
RECORD = ".enlarged.json"


class Archivist(Reader):
    """A reader whose Python has Ray."""

    def __enter__(self):
        super().__enter__()
        self._token = secrets.token_hex(32)
        self.temporary = self.home / "temporary"
        # Ray notes the address of a cluster in its folder there, but does not make it.
        (self.temporary / "ray").mkdir(parents=True)
        self.install()
        self.see_packages_of_the_tests()
        return self

    def environment(self):
        return {
            **super().environment(),
            "TMPDIR": str(self.temporary),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": self._token,
            # What makes Ray listen on the loopback interface only.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
        }

    def start(self, *arguments, stderr, stdout=None):
        """Starts `python -m enlarger.archive`."""
        return subprocess.Popen(
            [self.home / "enlarger/bin/python", "-m", "enlarger.archive", *map(str, arguments), "--options", *OPTIONS],
            cwd=self.folder,
            env=self.environment(),
            stdout=stdout,
            stderr=stderr,
        )

    def archive(self, *arguments, status=0):
        """Runs `python -m enlarger.archive`. Returns what it writes."""
        return self.run("python", "-m", "enlarger.archive", *map(str, arguments), "--options", *OPTIONS, status=status)


@functools.cache
def archivist():
    """The archivist of all tests of this process."""
    made = Archivist()
    atexit.register(made.__exit__)
    return made.__enter__()


@functools.cache
def nodes():
    """The cluster of all tests of this process, with two nodes."""
    made = Nodes(archivist())
    atexit.register(made.end)
    made.add()
    return made


class Nodes:
    """A Ray cluster, at first of one node."""

    def __init__(self, owner):
        # Not in the owner's home: the names of Ray's sockets are long, and must not be longer than 107 bytes.
        self._folder = tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp")
        self._log = owner.home / "nodes.log"
        with open(self._log, "w") as log:
            self._process = subprocess.Popen(
                [owner.home / "enlarger/bin/python", Path(__file__).with_name("nodes.py"), self._folder.name],
                env=owner.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.address = self._process.stdout.readline().strip()

    def add(self):
        self._say("add")

    def remove(self):
        """Takes the node away that was added first."""
        self._say("remove")

    def _say(self, word):
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if answer != word:
            raise AssertionError(f"the cluster answers {answer!r}:\n{self._log.read_text()}")

    def end(self):
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
