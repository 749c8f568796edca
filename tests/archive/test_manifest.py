"""What manifests list."""

import tempfile
import unittest
from pathlib import Path

import pyarrow
import pyarrow.parquet
from enlarger.archive.manifest import listed
from enlarger.archive.place import Place


class Manifest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def names(self, name, content):
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return [(one.name, bool(one.error)) for one in listed(Place.of(str(self.folder / name)))]

    def test_lines(self):
        text = "in/b.png\r\n\n./in//c.png\nin/../x.png\n../y.png\ns3://bucket/a b.png\nS3://bucket/../z.png\n"
        wanted = ["in/b.png", "in/c.png", "x.png", "../y.png", "bucket/a b.png", "bucket/../z.png"]
        self.assertEqual(self.names("list.txt", text), [(name, "../" in name) for name in wanted])

    def test_a_mark_at_the_beginning_is_no_part_of_a_name(self):
        self.assertEqual(self.names("list.txt", b"\xef\xbb\xbfa.png\n"), [("a.png", False)])
        self.assertEqual(self.names("list.csv", b"\xef\xbb\xbfuri\na.png\n"), [("a.png", False)])

    def test_schemes_are_written_small_or_large(self):
        (one,) = listed(self.manifest("FILE:///a%20b.png"))
        self.assertEqual(str(one.place), "/a b.png")
        (one,) = listed(self.manifest("S3://a/b%20c.png"))
        self.assertEqual(str(one.place), "s3://a/b%20c.png")

    def manifest(self, line):
        (self.folder / "one.txt").write_text(line)
        return Place.of(str(self.folder / "one.txt"))

    def test_csv(self):
        text = f'n,uri,note\n1,"{self.folder}/in/b.png",\n2,,x\n3,007,1.5\n4,NA,"two\nlines"\n'.encode() + b"5,c.png,\xe9\n"
        wanted = [f"{self.folder}/in/b.png"[1:], "007", "NA", "c.png"]
        self.assertEqual(self.names("list.csv", text), [(name, False) for name in wanted])
        self.assertEqual(self.names("list.csv", ""), [])
        self.assertEqual(self.names("list.csv", "uri\n"), [])

    def test_parquet(self):
        table = pyarrow.table({"note": [1, 2], "uri": ["in/b.png", None]})
        pyarrow.parquet.write_table(table, self.folder / "list.parquet")
        found = listed(Place.of(str(self.folder / "list.parquet")))
        self.assertEqual([one.name for one in found], ["in/b.png"])

    def test_what_is_wrong_names_the_file(self):
        for name, content in (("list.txt", b"\xe9.png"), ("list.csv", b"uri\n\xe9.png\n"), ("list.csv", b"uri\na,b\n")):
            with self.assertRaisesRegex(ValueError, f"{name}: .*write it again, as UTF-8"):
                self.names(name, content)
        with self.assertRaisesRegex(ValueError, "list.parquet: .*write it again"):
            self.names("list.parquet", b"no table")
        for name in ("list.csv", "list.parquet"):
            pyarrow.parquet.write_table(pyarrow.table({"name": ["a.png"]}), self.folder / "list.parquet")
            content = (self.folder / name).read_bytes() if name == "list.parquet" else b"name\na.png\n"
            with self.assertRaisesRegex(ValueError, f"{name}: .*rename the column with the URIs to 'uri'"):
                self.names(name, content)


if __name__ == "__main__":
    unittest.main()
