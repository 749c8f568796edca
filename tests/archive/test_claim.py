"""Only one run at a time writes to an output."""

import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from enlarger.archive.claim import Claim, _here
from enlarger.archive.place import Place
from enlarger.archive.settings import Settings


class OneRun(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def claim(self, run="second"):
        return Claim(Settings(Place.of(str(self.folder)), (), "enlarge 1", 1, 1, 0.0, run))

    def leave(self, **values):
        """Leaves the claim of another run."""
        (self.folder / ".enlarger/list").mkdir(parents=True)
        (self.folder / ".enlarger/list/old").touch()
        claim = {**_here(), "run": "first", "process": os.getpid(), "renewed": time.time(), **values}
        (self.folder / ".enlarger/claim").write_text(json.dumps(claim))

    def goes_on(self):
        with self.claim():
            self.assertEqual(list((self.folder / ".enlarger").glob("list/*")), [])
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_the_second_run_is_refused_and_the_first_goes_on(self):
        with self.claim("first"):
            with self.assertRaisesRegex(FileExistsError, "the run first on .* writes to this output; wait"), self.claim():
                pass
            self.assertTrue((self.folder / ".enlarger/claim").exists())
        self.goes_on()

    def test_a_run_on_another_machine_is_believed_for_some_minutes(self):
        self.leave(machine="elsewhere", renewed=time.time() - 100)
        with self.assertRaisesRegex(FileExistsError, "on elsewhere .* start again in (199|200) seconds"), self.claim():
            pass

    def test_a_run_that_was_stopped_keeps_nobody_out(self):
        gone = subprocess.Popen(["true"])
        gone.wait()
        self.leave(process=gone.pid)
        self.goes_on()

    def test_a_run_that_slept_leaves_what_another_one_needs(self):
        with self.claim("first"):
            (self.folder / ".enlarger/claim").write_text(json.dumps({"run": "second"}))
        self.assertTrue((self.folder / ".enlarger/claim").exists())

    def test_a_claim_grows_old(self):
        self.leave(machine="elsewhere", renewed=time.time() - 301)
        self.goes_on()


if __name__ == "__main__":
    unittest.main()
