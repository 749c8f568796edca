"""An archive of 300 pictures on a real Ray cluster, while everything that can stop does."""

import json
import os
import shutil
import signal
import threading
import time
import unittest
from collections import Counter
from pathlib import Path

import numpy
import pyarrow.parquet
from archivist import OPTIONS, RECORD, archivist, files, make_pictures, nodes, processes
from PIL import Image

PICTURES = 300
DEADLINE = 240


class RayAborted(Exception):
    """Ray itself has ended the process that began the run. That was seen, and `enlarger.archive` cannot prevent it."""


class Killer(threading.Thread):
    """Kills each command that enlarges the poisoned picture, and each worker that has the deadly one enlarged."""

    def __init__(self, command):
        super().__init__(daemon=True)
        self._command = str(command)
        self.commands = self.workers = 0
        self._ended = threading.Event()

    def run(self):
        killed = set()
        while not self._ended.wait(0.02):
            for number, (arguments, parent) in processes().items():
                picture = Path(arguments[1]).name if len(arguments) > 1 and arguments[0] == self._command else ""
                if number in killed or picture not in ("poisoned.png", "deadly.png"):
                    continue
                killed.add(number)
                try:
                    os.kill(number if picture == "poisoned.png" else parent, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                self.commands += picture == "poisoned.png"
                self.workers += picture == "deadly.png"

    def end(self):
        self._ended.set()
        self.join()


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archivist = archivist()
        cls.nodes = nodes()
        cls.pictures, cls.large = cls.archivist.folder / "pictures", cls.archivist.folder / "large"
        cls.command = next((cls.archivist.home / "enlarger/lib").glob("python3*")) / "site-packages/enlarger/enlarge"
        make_pictures(cls.pictures, PICTURES)
        (cls.pictures / "notes.txt").write_text("no picture")
        (cls.pictures / "day 0/broken.png").write_bytes((cls.pictures / "day 0/000.png").read_bytes()[:100])
        # They take long enough to be found while they are enlarged.
        noise = numpy.random.default_rng(0).integers(0, 256, (600, 600, 3), dtype=numpy.uint8)
        for name in ("poisoned.png", "deadly.png"):
            Image.fromarray(noise).save(cls.archivist.folder / name)
        (cls.archivist.folder / "more.txt").write_text("deadly.png\npoisoned.png\npictures/day 1/001.png\n\nmissing.png\n")

    def results(self):
        return len(list(self.large.glob("day */*.png"))) if self.large.exists() else 0

    def wait_for(self, results, driver, log):
        deadline = time.monotonic() + DEADLINE
        while self.results() < results:
            if driver.poll() is not None:
                self.fail(f"the run ended after {self.results()} results:\n{self.said(driver, log)}")
            self.assertLess(time.monotonic(), deadline, f"{self.results()} results after {DEADLINE} seconds")
            time.sleep(0.05)

    def said(self, driver, log):
        """What a run that has ended wrote."""
        said = log.read_text()
        if driver.returncode in (-signal.SIGABRT, -signal.SIGSEGV) and "_raylet.so" in said:
            raise RayAborted(said)
        return said

    def start(self, log, rows):
        run = [self.pictures, "more.txt", "--output", self.large, "--address", self.nodes.address]
        return self.archivist.start(*run, "--pictures-per-task", 12, "--json", stdout=rows, stderr=log)

    def refuse(self):
        """Keeps the output from taking files, until what it returns is called."""
        partial = self.large / ".enlarger/partial"
        away = self.archivist.folder / "away"
        while True:
            shutil.rmtree(away, ignore_errors=True)
            try:
                partial.rename(away)
                # A worker that has just made the folder finds that it is missing, which may pass.
                partial.symlink_to("nowhere")
                return partial.unlink
            except (FileExistsError, FileNotFoundError):
                continue  # A worker was faster.

    def kill_a_worker(self):
        """Kills a worker that has a picture enlarged."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            found = processes()
            for arguments, parent in found.values():
                if arguments[0] == str(self.command) and found.get(parent, [[""]])[0][0].startswith("ray::"):
                    os.kill(parent, signal.SIGKILL)
                    return
        self.fail("no worker enlarges anything")

    def test_nothing_is_lost_and_nothing_twice(self):
        try:
            self.run_while_everything_stops()
        except RayAborted as aborted:
            print(f"Ray aborted, so everything is done once more:\n{aborted}")
            shutil.rmtree(self.large)
            self.run_while_everything_stops()
        self.go_on()

    def run_while_everything_stops(self):
        killer = Killer(self.command)
        killer.start()
        try:
            self.check_run(killer)
        finally:
            killer.end()

    def check_run(self, killer):
        log_path, rows_path = self.archivist.folder / "log", self.archivist.folder / "rows"
        with open(log_path, "w") as log, open(rows_path, "w") as rows:
            first = self.start(log, rows)
            self.wait_for(40, first, log_path)
            first.kill()
            first.wait()
            done_before = self.results()

        with open(log_path, "w") as log, open(rows_path, "w") as rows:
            driver = self.start(log, rows)
            self.wait_for(80, driver, log_path)
            self.kill_a_worker()
            self.wait_for(120, driver, log_path)
            self.nodes.remove()
            self.nodes.add()
            self.wait_for(160, driver, log_path)
            allow = self.refuse()
            time.sleep(1)
            before = self.results()
            time.sleep(3)
            self.assertEqual(self.results(), before, "the output refuses files")
            allow()
            status = driver.wait(DEADLINE)
        said = self.said(driver, log_path)
        self.assertEqual(status, 1, said)
        self.assertEqual((killer.commands, killer.workers), (2, 3), said)

        self.archivist.run("enlarge", "pictures", "-r", "-o", "wanted", "-j", "2", *OPTIONS, status=1)
        wanted = files(self.archivist.folder / "wanted")
        self.assertEqual(len(wanted), PICTURES)
        found = {name: content for name, content in files(self.large).items() if not name.startswith("results.parquet/")}
        # The manifest has one of them again, under the path that it states.
        again = found.pop("pictures/day 1/001.2x.png")
        self.assertEqual(again, wanted["day 1/001.2x.png"])
        self.assertEqual(found, wanted)
        records = {path.name for path in self.large.rglob(f"*{RECORD}")}
        self.assertEqual(len(records), PICTURES)

        last = max((self.large / "results.parquet").iterdir())
        rows = pyarrow.parquet.read_table(last).to_pylist()
        self.assertEqual(len(rows), len({row["source"] for row in rows} | {"again"}), said)
        by_status = Counter(row["status"] for row in rows)
        self.assertEqual(by_status["failed"], 4, rows)
        self.assertEqual(by_status["done"] + by_status["skipped"], PICTURES + 2, by_status)
        # All of the first run, except what the table is not told of because it has its name but no record yet.
        self.assertLessEqual(abs(by_status["skipped"] - 1 - done_before), 2, by_status)
        errors = {Path(row["source"]).name: row for row in rows if row["error"]}
        self.assertIn("SIGKILL", errors["poisoned.png"]["error"])
        self.assertEqual(errors["poisoned.png"]["attempts"], 2)
        self.assertIn("3 workers ended", errors["deadly.png"]["error"])
        self.assertIn("cut short", errors["broken.png"]["error"])
        self.assertIn("no such file", errors["missing.png"]["error"])
        self.assertIn(f"{PICTURES + 6} files:", said)
        self.assertIn("4 failed", said)
        self.assertFalse((self.large / ".enlarger").exists())
        *written, totals = map(json.loads, rows_path.read_text().splitlines())
        self.assertEqual({row["source"]: row for row in written}, {row["source"]: row for row in rows})
        self.assertEqual(totals["totals"]["files"], PICTURES + 6)

    def go_on(self):
        """A later run does what is left, by content and options."""
        lost, changed = self.large / "day 3/010.2x.png", self.pictures / "day 4/011.png"
        lost.unlink()
        changed.write_bytes((self.pictures / "day 5/012.png").read_bytes())
        (self.pictures / "day 6/013.png").rename(self.pictures / "day 6/moved.png")
        foreign = self.large / "day 0/new.2x.png"
        foreign.write_bytes(b"of somebody else")
        shutil.copy(self.pictures / "day 0/000.png", self.pictures / "day 0/new.png")
        (self.pictures / "day 0/broken.png").unlink()
        kept = {path: path.stat().st_mtime_ns for path in self.large.glob("day */*.png")}

        said = self.archivist.archive(self.pictures, "--output", self.large, "--address", self.nodes.address, status=3)
        self.assertIn(f"{PICTURES + 2} files: 3 enlarged, {PICTURES - 2} left out, 1 exist already;", said)
        self.assertIn("new.2x.png exists already", said)
        self.assertEqual(foreign.read_bytes(), b"of somebody else")
        self.assertEqual((self.large / "day 4/011.2x.png").read_bytes(), (self.large / "day 5/012.2x.png").read_bytes())
        self.assertTrue((self.large / "day 6/moved.2x.png").exists() and lost.exists())
        renewed = {path.name for path, time in kept.items() if path.stat().st_mtime_ns != time}
        self.assertEqual(renewed, {"011.2x.png"})


if __name__ == "__main__":
    unittest.main()
