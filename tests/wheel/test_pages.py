"""docs/python.md word for word, README's section on Python, the notebook docs/python.ipynb, and a program for mypy."""

import json
import re
import unittest

from reader import ROOT, Reader

PAGE = (ROOT / "docs/python.md").read_text(encoding="utf-8")
NOTEBOOK = ROOT / "docs/python.ipynb"


def blocks(text):
    """The code blocks of a page, each with its language and the last file name that the text mentions before it."""
    name = ""
    for match in re.finditer(r"as `([^`]+)`|^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if match[1]:
            name = match[1]
        else:
            yield match[2], name, match[3]


def outputs(notebook):
    """For each cell, what kinds of output it gave. The pictures and words themselves depend on models and presets."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [[sorted(output.get("data", ["text"])) for output in cell.get("outputs", [])] for cell in cells]


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.reader = Reader()
        cls.enterClassContext(cls.reader)
        cat = (ROOT / "tests/data/cat.jpg").read_bytes()
        (cls.reader.folder / "photo.jpg").write_bytes(cat)
        (language, _, cls.install), *cls.rest = blocks(PAGE)
        assert language == "sh"
        # scripts/test has made the wheel: in another home it would be compiled again.
        first, _, rest = cls.install.partition("\n")
        assert first == "scripts/package wheel", first
        cls.reader.shell(rest, ROOT)
        cls.reader.see_packages_of_the_tests()

    def test_the_page(self):
        for language, name, code in self.rest:
            if language == "sh":
                self.reader.shell(code)
            else:
                (self.reader.folder / name).write_text(code, encoding="utf-8")
        made = (self.reader.folder / "photo.2x.png").read_bytes()
        self.assertEqual([int.from_bytes(made[at : at + 4], "big") for at in (16, 20)], [600, 450])
        large = (self.reader.folder / "large.ppm").read_bytes()
        self.assertTrue(large.startswith(b"P6 128 128 255\n"))
        self.assertEqual(len(large), 15 + 3 * 128 * 128)
        self.assertTrue(min(large[15:]) < 60 and max(large[15:]) > 240)

    def test_the_readme(self):
        section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## From Python\n")[2].partition("\n## ")[0]
        (shell, _, install), (_, _, excerpt) = blocks(section)
        self.assertEqual((shell, install), ("sh", self.install))
        self.reader.run("python", "-c", excerpt)
        self.assertTrue((self.reader.folder / "large.jpg").read_bytes().startswith(b"\xff\xd8"))

    def test_programs_that_use_it_are_checked_by_its_types(self):
        ours = self.reader.folder / "typed.py"
        ours.write_text((ROOT / "tests/wheel/typed.py").read_text(encoding="utf-8"), encoding="utf-8")
        self.reader.run("python", "-m", "mypy", "--strict", str(ours))

    def test_the_notebook(self):
        made = self.reader.folder / "made.ipynb"
        self.reader.run("python", str(ROOT / "tests/wheel/run_notebook.py"), str(NOTEBOOK), str(made))
        self.assertIn([["image/jpeg", "image/png", "text/plain"]], outputs(made))
        self.assertEqual(outputs(made), outputs(NOTEBOOK), "renew it with tests/wheel/run_notebook.py")


if __name__ == "__main__":
    unittest.main()
