"""What inputs stand for, and the list of pictures that the machines share."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import pyarrow
import pyarrow.parquet
from enlarger.archive.picture_list import PictureList, source
from enlarger.archive.place import Place
from enlarger.archive.sources import sources


class Sources(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in ("in/b.png", "in/a #?%20.png", "in/deep/er/c.png", "in/.hidden.png", "in/out/d.png"):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).touch()
        (self.folder / "in/round").symlink_to(self.folder / "in")
        (self.folder / "in/link.png").symlink_to(self.folder / "in/b.png")

    def sources(self, *inputs, output="in/out"):
        return list(sources([str(self.folder / name) for name in inputs], Place.of(str(self.folder / output))))

    def names(self, *inputs, output="in/out"):
        return [(one.name, one.named, bool(one.error)) for one in self.sources(*inputs, output=output)]

    def list(self, found):
        names = PictureList(Place.of(str(self.folder / "list")), Place.of(str(self.folder / "partial")))
        names.write(found)
        found = [source(entry) for entry in pyarrow.parquet.read_table(self.folder / "list").to_pylist()]
        self.assertEqual(len(found), names.pictures)
        return found

    def test_a_folder_is_everything_below_it_but_the_results(self):
        names = ["a #?%20.png", "b.png", "deep/er/c.png", "link.png"]
        self.assertEqual(self.names("in"), [(name, False, False) for name in names])
        (self.folder / "other name").symlink_to(self.folder / "in/out")
        self.assertEqual(self.names("in", output="other name"), [(name, False, False) for name in names])

    def test_a_folder_that_takes_the_results_is_read_without_them(self):
        for name in ("results.parquet/run/0.parquet", ".enlarger/list/0", "b.2x.png", "c.2x.png", "deep/er/c.2x.png"):
            (self.folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "in" / name).touch()
        for name in ("b", "deep/er/c"):
            output = f"{self.folder}/in/{name}.2x.png"
            (self.folder / f"in/{name}.png.enlarged.json").write_text(f'{{"source": "moved", "output": "{output}"}}')
        names = ["a #?%20.png", "b.png", "c.2x.png", "deep/er/c.png", "link.png", "out/d.png"]
        self.assertEqual(self.names("in", output="in"), [(name, False, False) for name in names])
        results = {name for name, _, _ in self.names("in", output=".")} - set(names)
        self.assertEqual(results, {"results.parquet/run/0.parquet"})

    def test_pipes_are_left_out_and_refused(self):
        os.mkfifo(self.folder / "in/pipe.png")
        (self.folder / "in/to-pipe.png").symlink_to("pipe.png")
        (self.folder / "in/to-nothing.png").symlink_to("nothing")
        names = ["a #?%20.png", "b.png", "deep/er/c.png", "link.png", "to-nothing.png"]
        self.assertEqual([name for name, _, _ in self.names("in")], names)
        with self.assertRaisesRegex(FileNotFoundError, "this is a pipe"):
            self.names("in/pipe.png")

    def test_a_folder_that_cannot_be_read_is_an_error_of_its_own(self):
        scandir = os.scandir

        def refuse(path):
            if path.endswith("deep"):
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        with mock.patch("os.scandir", refuse):
            found = self.sources("in")
        self.assertEqual([one.name for one in found], ["a #?%20.png", "b.png", "deep", "link.png"])
        self.assertIn("Permission denied", found[2].error)

    def test_names_that_are_not_text_are_errors_of_these_pictures(self):
        for name in (b"\xfe.png", b"\xff.png"):
            Path(os.fsdecode(os.fsencode(self.folder) + b"/in/deep/" + name)).touch()
        found = self.list(self.sources("in/deep"))
        self.assertEqual(sorted((one.name, bool(one.error)) for one in found), [
            ("\\xfe.png", True), ("\\xff.png", True), ("er/c.png", False),
        ])

    def test_what_does_not_exist_is_an_error_of_the_run(self):
        with self.assertRaisesRegex(FileNotFoundError, "no such file"):
            sources([str(self.folder / "in"), str(self.folder / "nothing")], Place.of("out"))

    def test_the_list_has_each_picture_once_and_each_name_once(self):
        found = self.list(self.sources("in", "in", "in/deep/er", "in/deep", "in/b.png"))
        wanted = ["a #?%20.png", "b.png", "c.png", "deep/er/c.png", "er/c.png", "link.png"]
        self.assertEqual(sorted(one.name for one in found), wanted)
        self.assertEqual([one.name for one in found if one.error], [])

    def test_two_pictures_with_one_name_are_an_error_of_the_second(self):
        (self.folder / "other").mkdir()
        (self.folder / "other/b.png").touch()
        wrong = [one for one in self.list(self.sources("in", "other", output="out")) if one.error]
        self.assertEqual([str(one.place) for one in wrong], [str(self.folder / "other/b.png")])
        self.assertIn(str(self.folder / "in/b.png"), wrong[0].error)

    def test_pictures_of_two_servers_are_two_pictures(self):
        (self.folder / "list.txt").write_text(
            "s3://b/a.png?endpoint_override=one:9\ns3://b/a.png?region=x&endpoint_override=one:9\n"
            "s3://b/a.png?endpoint_override=two:9\n"
        )
        first, second = self.list(self.sources("list.txt"))
        self.assertIsNone(first.error)
        self.assertIn("on another server", second.error)


if __name__ == "__main__":
    unittest.main()
