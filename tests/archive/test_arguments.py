"""The command line of archives: what is refused before anything is enlarged."""

import unittest

from archivist import Archivist
from reader import Reader


class Arguments(unittest.TestCase):
    def test_without_ray_it_says_what_to_install(self):
        with Reader() as reader:
            reader.install()
            self.assertIn("enlarger[ray]", reader.run("python", "-m", "enlarger.archive", "a", "--output", "b", status=1))

    def test_options(self):
        with Archivist() as archivist:

            def run(*arguments, status=2):
                return archivist.run("python", "-m", "enlarger.archive", *arguments, status=status)

            self.assertIn("--options", run("--help", status=0))
            self.assertIn("natural", run("a", "--output", "b", "--options", "--preset", "nosuch"))
            self.assertIn("unexpected argument", run("a", "--output", "b", "--options", "--nosuch"))
            self.assertIn("give --output to enlarger.archive", run("a", "--output", "b", "--options", "-oc"))
            self.assertIn("leave it out", run("a", "--output", "b", "--options", "--resume"))
            self.assertIn("from 1 up", run("a", "--output", "b", "--threads", "0"))
            self.assertIn("no such file", run("a", "--output", "b", status=1))
            self.assertFalse((archivist.folder / "b").exists())
            (archivist.folder / "empty").mkdir()
            self.assertIn("0 files: nothing to enlarge", run("empty", "--output", "b", status=0))


if __name__ == "__main__":
    unittest.main()
