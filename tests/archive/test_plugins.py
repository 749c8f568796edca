"""The plug-ins do not carry what only archives need: their hosts have no Ray."""

import importlib.util
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Plugins(unittest.TestCase):
    def test_kritas_zip(self):
        spec = importlib.util.spec_from_file_location("package", ROOT / "plugins/krita/package.py")
        package = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
        names = [name for name, _ in package.contents("library", "licences")]
        self.assertTrue(any(name.endswith("/enlarger/upscaler.py") for name in names), names)
        self.assertFalse([name for name in names if "/archive/" in name])


if __name__ == "__main__":
    unittest.main()
