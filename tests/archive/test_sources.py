"""What inputs stand for, and the list of pictures that the machines share."""

import os
import tempfile
import unittest
from pathlib import Path

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

    def names(self, *inputs):
        found = sources([str(self.folder / name) for name in inputs], Place.of(str(self.folder / "in/out")))
        return [(one.name, one.named, bool(one.error)) for one in found]

    def test_a_folder_is_everything_below_it_but_the_results(self):
        names = ["a #?%20.png", "b.png", "deep/er/c.png", "link.png"]
        self.assertEqual(self.names("in"), [(name, False, False) for name in names])

    def test_a_name_that_is_not_text_is_an_error_of_this_picture(self):
        Path(os.fsdecode(os.fsencode(self.folder) + b"/in/deep/\xff.png")).touch()
        self.assertEqual(self.names("in/deep"), [("er/c.png", False, False), ("\ufffd.png", False, True)])

    def test_manifests(self):
        (self.folder / "list.txt").write_text("in/b.png\r\n\nin/../x.png\ns3://bucket/a b.png\n")
        wanted = [("in/b.png", True, False), ("in/../x.png", True, True), ("bucket/a b.png", True, False)]
        self.assertEqual(self.names("list.txt"), wanted)
        (self.folder / "list.csv").write_text(f'n,uri\n1,"{self.folder}/in/b.png"\n2,\n')
        self.assertEqual(self.names("list.csv"), [(f"{self.folder}/in/b.png"[1:], True, False)])
        pyarrow.parquet.write_table(pyarrow.table({"uri": ["in/b.png", None]}), self.folder / "list.parquet")
        self.assertEqual(self.names("list.parquet"), [("in/b.png", True, False)])
        (self.folder / "other.csv").write_text("name\na.png\n")
        with self.assertRaisesRegex(ValueError, "no column 'uri'"):
            self.names("other.csv")

    def test_what_does_not_exist_is_an_error_of_the_run(self):
        with self.assertRaisesRegex(FileNotFoundError, "no such file"):
            self.names("nothing")

    def test_the_list_has_each_picture_once_and_each_name_once(self):
        names = PictureList(Place.of(str(self.folder / "list")), Place.of(str(self.folder / "partial")))
        folders = [str(self.folder / name) for name in ("in", "in", "in/deep/er", "in/deep")]
        names.write(sources([*folders, str(self.folder / "in/b.png")], Place.of(str(self.folder / "in/out"))))
        found = [source(entry) for entry in pyarrow.parquet.read_table(self.folder / "list").to_pylist()]
        self.assertEqual(len(found), names.pictures)
        wanted = ["a #?%20.png", "b.png", "c.png", "deep/er/c.png", "er/c.png", "link.png"]
        self.assertEqual(sorted(one.name for one in found), wanted)
        self.assertEqual([one.name for one in found if one.error], [])

    def test_two_pictures_with_one_name_are_an_error_of_the_second(self):
        (self.folder / "other").mkdir()
        (self.folder / "other/b.png").touch()
        names = PictureList(Place.of(str(self.folder / "list")), Place.of(str(self.folder / "partial")))
        names.write(sources([str(self.folder / "in"), str(self.folder / "other")], Place.of(str(self.folder / "out"))))
        found = [source(entry) for entry in pyarrow.parquet.read_table(self.folder / "list").to_pylist()]
        wrong = [one for one in found if one.error]
        self.assertEqual([str(one.place) for one in wrong], [str(self.folder / "other/b.png")])
        self.assertIn(str(self.folder / "in/b.png"), wrong[0].error)


if __name__ == "__main__":
    unittest.main()
