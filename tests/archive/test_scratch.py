"""Temporary folders of tasks: removed at their end, or by the next task if they were killed, and never while they are used."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

# The module alone, because its package takes seconds to import.
MODULE = Path(__file__).resolve().parents[2] / "plugins/python/enlarger/archive"
PROGRAM = """
import sys
from scratch import scratch
for _ in range(int(sys.argv[1])):
    with scratch() as folder:
        (folder / "picture").write_text("here")
        assert (folder / "picture").read_text() == "here"
        if len(sys.argv) > 2:
            print("ready", flush=True)
            sys.stdin.read()
"""


class Scratch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)
        self.environment = {**os.environ, "TMPDIR": folder.name, "PYTHONPATH": str(MODULE)}

    def start(self, *arguments):
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def test_nobody_loses_a_folder_that_is_used(self):
        together = [self.start("300") for _ in range(3)]
        for one in together:
            _, said = one.communicate()
            self.assertEqual(one.returncode, 0, said)
        self.assertEqual(list(self.place.iterdir()), [])

    def test_what_a_killed_task_left_is_removed(self):
        killed = self.start("1", "wait")
        self.assertEqual(killed.stdout.readline(), "ready\n")
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        self.assertEqual(len(list(self.place.iterdir())), 1)
        self.start("1").communicate()
        self.assertEqual(list(self.place.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
