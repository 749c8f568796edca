"""A picture and its result, with a command that only copies."""

import errno
import json
import os
import shutil
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from enlarger.archive import picture, process, record, result
from enlarger.archive.place import Place
from enlarger.archive.settings import Settings
from enlarger.archive.source import Source


def copy(source, named, folder, settings):
    """Instead of the command: the result is a PNG with the picture's content and the options."""
    folder.mkdir()
    stem, ending = os.path.splitext(source.name)
    made = folder / f"{stem if ending in ('.png', '.gif') else source.name}.2x.png"
    made.write_bytes(source.read_bytes() + "".join(settings.options).encode())
    return process.End({"output": str(made)}, made, None)


class Picture(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "in").mkdir()
        self.out = self.folder / "out"
        # Whatever waits has failed: nothing here gets better.
        patched = mock.patch("time.sleep", side_effect=AssertionError("it waits"))
        patched.start()
        self.addCleanup(patched.stop)

    def enlarge(self, name, content=None, options=(), run="1"):
        file = self.folder / "in" / name
        if content is not None:
            file.write_text(content)
        settings = Settings(Place.of(str(self.out)), options, "enlarge 1", 1, 1, 300.0, run)
        with tempfile.TemporaryDirectory() as scratch, mock.patch.object(process, "enlarge", copy):
            return picture.enlarge(Source(Place.of(str(file)), name, True), settings, Path(scratch))

    def results(self):
        return {path.name: path.read_text() for path in self.out.glob("*.png")}

    def test_a_result_is_made_once_and_replaced_if_the_options_change(self):
        self.assertEqual(self.enlarge("a.png", "a").status, "done")
        self.assertEqual(self.enlarge("a.png", run="2").status, "skipped")
        self.assertEqual(self.enlarge("a.png", options=("x",), run="3").status, "done")
        self.assertEqual(self.results(), {"a.2x.png": "ax"})

    def test_a_result_that_was_changed_is_kept_even_if_it_has_the_old_size(self):
        self.enlarge("a.png", "a")
        (self.out / "a.2x.png").write_text("b")
        row = self.enlarge("a.png", options=("x",), run="2")
        self.assertEqual(row.status, "exists")
        self.assertIn("was changed since it was made", row.error)
        self.assertEqual(self.results(), {"a.2x.png": "b"})

    def test_two_pictures_with_one_result(self):
        for first, second, name in (("scan", "scan.png", "scan.2x.png"), ("a.gif.png", "a.gif", "a.gif.2x.png")):
            self.assertEqual(self.enlarge(first, "1").status, "done")
            row = self.enlarge(second, "2")
            self.assertEqual(row.status, "failed")
            self.assertIn(f"in/{first} has the same result {self.out}/{name}; enlarge them into separate folders", row.error)
            self.assertEqual(self.results()[name], "1")
            self.assertEqual(self.enlarge(first, run="2").status, "skipped")

    def test_two_pictures_with_one_result_at_the_same_time(self):
        put_new = Place.put_new
        rows = []

        def meanwhile(place, file, partial):
            if not rows:
                rows.append(None)
                rows[0] = self.enlarge("scan", "2")
            return put_new(place, file, partial)

        with mock.patch.object(Place, "put_new", meanwhile):
            rows.append(self.enlarge("scan.png", "1"))
        self.assertEqual([row.status for row in rows], ["failed", "done"])
        self.assertEqual(self.results(), {"scan.2x.png": "1"})
        self.assertFalse((self.out / "scan.enlarged.json").exists())

    def test_what_comes_while_a_picture_is_enlarged_is_kept(self):
        size = Place.size

        def late(place):
            found = size(place)
            if place.name == "a.2x.png" and found is None:
                (self.out).mkdir(exist_ok=True)
                (self.out / "a.2x.png").write_text("of somebody else")
            return found

        with mock.patch.object(Place, "size", late):
            self.assertEqual(self.enlarge("a.png", "1").status, "exists")
        self.assertEqual(self.results(), {"a.2x.png": "of somebody else"})
        self.assertFalse((self.out / "a.png.enlarged.json").exists())

    def test_what_waiting_does_not_change(self):
        os.mkfifo(self.folder / "in/pipe.png")
        (self.folder / "in/folder.png").mkdir()
        for name, error in (
            ("pipe.png", "this is a pipe"),
            ("folder.png", "this is a folder"),
            ("missing.png", "no such file"),
            ("x" * 300, "too long"),
        ):
            row = self.enlarge(name)
            self.assertEqual(row.status, "failed")
            self.assertIn(error, row.error)
        row = self.enlarge("x" * 240 + ".png", "a")
        self.assertIn("shorten it to 241 bytes", row.error)
        (self.out / "sub").mkdir(parents=True)
        shutil.rmtree(self.out)
        self.out.touch()
        self.assertIn("Not a directory", self.enlarge("a.png", "a").error)

    def test_errors_are_told_apart_by_their_numbers(self):
        for number in (errno.EACCES, errno.EROFS, errno.ENAMETOOLONG):
            with mock.patch.object(Place, "open", side_effect=OSError(number, "no")):
                self.assertIn("no", self.enlarge("a.png", "a").error)
        with mock.patch.object(Place, "open", side_effect=OSError(errno.EIO, "no")), self.assertRaises(AssertionError):
            self.enlarge("a.png", "a")
        self.assertTrue(time.sleep.called)

    def test_names(self):
        for name, made, wanted in (
            ("a.png", "a.2x.png", "a.2x.png"),
            ("a.gif", "a.2x.png", "a.gif.2x.png"),
            ("scan.001", "scan.001.2x.tif", "scan.001.2x.tif"),
            ("Mr. Smith", "Mr. Smith.2x.png", "Mr. Smith.2x.png"),
            ("scan", "scan.2x.png", "scan.2x.png"),
        ):
            self.assertEqual(result.name(name, made), wanted)

    def test_a_record_finds_its_result_whatever_its_name_is(self):
        folder = Place.of(str(self.folder))
        (self.folder / "a?b.png.enlarged.json").write_text(json.dumps({"source": "s", "output": "s3://x/y/a?b.2x.png"}))
        self.assertEqual(record.read(folder.child("a?b.png")).result, folder.child("a?b.2x.png"))


if __name__ == "__main__":
    unittest.main()
