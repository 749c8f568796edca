"""The wheel in an empty environment: the package, the library, its worker and the command."""

import unittest

from reader import ROOT, Reader

CAT = str(ROOT / "tests/data/cat.jpg")


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.reader = Reader()
        cls.enterClassContext(cls.reader)
        cls.reader.install()

    def python(self, code, **more):
        return self.reader.run("python", "-W", "error", "-c", code, **more)

    def test_the_environment_is_empty(self):
        for package in ("numpy", "PIL"):
            self.assertIn("ModuleNotFoundError", self.python(f"import {package}", status=1))

    def test_the_library_comes_from_the_wheel(self):
        path, version = self.python("import enlarger; print(enlarger.library_path(), enlarger.version())").split()
        self.assertTrue(path.startswith(str(self.reader.home / "enlarger/lib")), path)
        installed = self.python("from importlib.metadata import version; print(version('enlarger'))").strip()
        self.assertEqual(version, installed)

    def test_pixels_without_other_packages(self):
        code = (
            "import enlarger; format = enlarger.Format.of('rgb u8')\n"
            "small = enlarger.Image(bytes(range(192)), 8, 8, format, 24)\n"
            "large = enlarger.enlarge(small, preset='crisp', factor=2)\n"
            "print(large.width, large.height, len(set(large.data)) > 20)"
        )
        self.assertEqual(self.python(code).split(), ["16", "16", "True"])

    def test_the_worker_tests_a_network(self):
        network = (ROOT / "core/models/waifu2x-photo-x2/model.onnx").read_bytes()
        # A byte more makes it a network that is not installed.
        (self.reader.folder / "photo.onnx").write_bytes(network + b"r\0")
        self.assertEqual(self.python("import enlarger; print(enlarger.Registry().import_model('photo.onnx'))").strip(), "photo")

    def test_the_command(self):
        made = []
        for command in (["enlarge"], ["python", "-m", "enlarger"]):
            name = f"{command[0]}.png"
            self.reader.run(*command, CAT, "-s", "2", "--preset", "crisp", "-o", name)
            made.append((self.reader.folder / name).read_bytes())
            self.assertIn("no-such-file", self.reader.run(*command, "no-such-file.png", status=1))
            self.reader.run(*command, "--no-such-option", status=2)
            self.assertIn("enlarge [", self.reader.run(*command, "--help"))
        self.assertEqual(made[0], made[1])
        self.assertTrue(made[0].startswith(b"\x89PNG"))

    def test_without_the_command_it_says_what_to_install(self):
        package = self.reader.folder / "enlarger"
        package.symlink_to(ROOT / "plugins/python/enlarger")
        self.addCleanup(package.unlink)
        self.assertIn("scripts/package wheel", self.reader.run("python", "-m", "enlarger", status=1))


if __name__ == "__main__":
    unittest.main()
