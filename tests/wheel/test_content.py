"""What is in the wheel, judged by the tools of those who publish wheels."""

import email
import re
import subprocess
import sys
import unittest
import zipfile

from reader import ROOT, WHEEL

PACKAGE = ROOT / "plugins/python/enlarger"
TAG = "py3-none-manylinux_2_28_x86_64"


def tool(*command):
    """What a tool of the environment of the tests writes. Its lines are joined, because it breaks them as it likes."""
    done = subprocess.run([sys.executable, "-m", *command, str(WHEEL)], capture_output=True, text=True)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


class Content(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.wheel = zipfile.ZipFile(WHEEL)
        cls.addClassCleanup(cls.wheel.close)
        cls.names = cls.wheel.namelist()
        cls.info = next(name for name in cls.names if name.endswith(".dist-info/METADATA")).rpartition("/")[0]

    def read(self, name):
        return self.wheel.read(f"{self.info}/{name}").decode()

    def test_the_tag_is_true(self):
        self.assertTrue(WHEEL.name.endswith(f"-{TAG}.whl"), WHEEL.name)
        self.assertIn(f"Tag: {TAG}", self.read("WHEEL").splitlines())
        status, words = tool("auditwheel", "show")
        self.assertEqual(status, 0, words)
        platform = re.search(r'platform tag: "manylinux_2_(\d+)_x86_64"', words)
        self.assertTrue(platform, words)
        self.assertLessEqual(int(platform[1]), 28, words)

    def test_twine_accepts_it(self):
        status, words = tool("twine", "check", "--strict")
        self.assertEqual(status, 0, words)

    def test_the_package_is_whole(self):
        modules = {f"enlarger/{path.relative_to(PACKAGE).as_posix()}" for path in PACKAGE.glob("**/*.py")}
        texts = {f"enlarger/{path.relative_to(PACKAGE).as_posix()}" for path in PACKAGE.glob("locale/**/*.mo")}
        others = {"enlarger/py.typed", "enlarger/libenlarger.so.1", "enlarger/enlarge", "enlarger/enlarger-worker"}
        others.add("enlarger/libenlarger_engine_gpu.so")
        inside = {name for name in self.names if not name.startswith(f"{self.info}/")}
        self.assertEqual(inside, modules | texts | others)
        for program in ("enlarge", "enlarger-worker"):
            mode = self.wheel.getinfo(f"enlarger/{program}").external_attr >> 16
            self.assertEqual(mode & 0o777, 0o755, program)

    def test_the_licences_of_everything_inside_are_there(self):
        licences = {name.rpartition("/")[2] for name in self.names if name.startswith(f"{self.info}/licenses/")}
        wanted = {"LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY.md", "THIRD-PARTY-LICENCES.txt"}
        models = [path.parent.name for path in ROOT.glob("core/models/*/manifest.toml")]
        self.assertGreater(len(models), 5)
        wanted |= {f"LICENSE-{model}" for model in models} | {f"NOTICE-{model}.md" for model in models}
        self.assertEqual(licences, wanted)
        texts = self.read("licenses/licences/THIRD-PARTY-LICENCES.txt")
        for word in ("\nrten v", "\nmoxcms v", "\nlibwebp-sys v", "Permission is hereby granted"):
            self.assertIn(word, texts)

    def test_nothing_is_needed_besides(self):
        metadata = email.message_from_string(self.read("METADATA"))
        needed = [need for need in metadata.get_all("Requires-Dist", []) if "extra ==" not in need]
        self.assertEqual(needed, [])
        self.assertEqual(metadata["Requires-Python"], ">=3.9")


if __name__ == "__main__":
    unittest.main()
