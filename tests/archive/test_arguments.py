"""The command line of archives: what is refused before anything is enlarged."""

import unittest

from archivist import archivist


class Arguments(unittest.TestCase):
    def run_archive(self, *arguments, status=2):
        return archivist().run("python", "-m", "enlarger.archive", *arguments, status=status)

    def test_without_ray_it_says_what_to_install(self):
        site = next((archivist().home / "enlarger/lib").glob("python3*")) / "site-packages"
        (site / "tests.pth").rename(site / "away")
        self.addCleanup((site / "away").rename, site / "tests.pth")
        self.assertIn("enlarger[ray]", self.run_archive("a", "--output", "b", status=1))

    def test_options(self):
        self.assertIn("--options", self.run_archive("--help", status=0))
        self.assertIn("natural", self.run_archive("a", "--output", "b", "--options", "--preset", "nosuch"))
        self.assertIn("unexpected argument", self.run_archive("a", "--output", "b", "--options", "--nosuch"))
        self.assertIn("give --output to enlarger.archive", self.run_archive("a", "--output", "b", "--options", "-oc"))
        self.assertIn("leave it out", self.run_archive("a", "--output", "b", "--options", "--resume"))
        self.assertIn("from 1 up", self.run_archive("a", "--output", "b", "--threads", "0"))
        self.assertIn("such as 4G", self.run_archive("a", "--output", "b", "--memory", "4GB"))
        self.assertIn("seconds", self.run_archive("a", "--output", "b", "--patience", "soon"))
        self.assertIn("no such file", self.run_archive("a", "--output", "b", status=1))
        self.assertFalse((archivist().folder / "b").exists())
        (archivist().folder / "empty").mkdir()
        self.assertIn("0 files: nothing to enlarge", self.run_archive("empty", "--output", "b", "--memory", "1t", status=0))
        self.assertEqual(list((archivist().folder / "b").iterdir()), [])

    def test_options_that_the_command_takes_but_no_run_can_use(self):
        for options, said in (
            (["--nosuch"], "error: unexpected argument"),
            (["--preset", "nosuch"], "error: there is no preset 'nosuch'"),
            (["--help"], "enlarges nothing"),
            (["--version"], "enlarges nothing"),
            (["stray.png"], "error: stray.png: this is no option of the command"),
            (["--mask", "mask.png"], "mask.png: give the whole path"),
            (["--mask=/no/mask.png"], "error: /no/mask.png: there is no such file"),
            (["--engine", "/no/engine.so"], "error: /no/engine.so: this engine library cannot be used"),
        ):
            found = self.run_archive("a", "--output", "b", "--options", *options)
            self.assertIn(said, found)
            self.assertNotIn("error: error:", found)
        # The picture of the check is too small for this; those of the archive may not be.
        self.assertIn("no such file", self.run_archive("a", "--output", "b", "--options", "--long-edge", "3000", status=1))


if __name__ == "__main__":
    unittest.main()
