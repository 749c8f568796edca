"""What the tests of the library in a worker share: the worker, and whether it runs."""

import gc
import os
import signal
import time
import unittest

import enlarger
from enlarger import _load
from enlarger._worker.library import Library
from enlarger._worker.program import find
from support import HEIGHT, WIDTH, pixels

DATA = pixels("rgb u8")
SIDE = 1600
LARGE = bytes(3 * SIDE * SIDE)
LIBRARY = enlarger.library_path()
PROGRAM = find(LIBRARY)


def library():
    return _load.load()


def kill(number=signal.SIGKILL):
    os.kill(library().process, number)


def upscaler():
    return enlarger.Upscaler(engine="rten", threads=1)


def run(one, data=DATA, width=WIDTH, height=HEIGHT, **wanted):
    return one.run(data, width, height, "rgb u8", **wanted)


def is_running(process):
    """Whether a process exists and is not a zombie."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def gone(process, seconds=2.0):
    """Waits until a process has ended."""
    until = time.monotonic() + seconds
    while is_running(process) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_running(process)


class Case(unittest.TestCase):
    """Tests with the library in a worker, whatever ENLARGER_WAY says."""

    @classmethod
    def setUpClass(cls):
        assert PROGRAM, f"there is no worker beside {LIBRARY}"
        cls._before = _load._loaded
        _load._loaded = Library(PROGRAM, LIBRARY)

    @classmethod
    def tearDownClass(cls):
        gc.collect()
        _load._loaded._worker.end("was ended by the tests")
        _load._loaded = cls._before

    def works(self):
        """The next objects work, whatever has happened."""
        self.assertEqual(run(upscaler(), factor=0.5).width, WIDTH // 2)
