"""The package runs on Python 3.9, uses only the standard library, and everything public is documented and typed."""

import ast
import os
import subprocess
import sys
import tempfile
import unittest

import enlarger

PACKAGE = os.path.dirname(os.path.abspath(enlarger.__file__))
# Imported only for a caller who has such a picture; see enlarger/picture.py.
OPTIONAL = {"_numpy.py": "numpy", "_pillow.py": "PIL"}
FILES = sorted(os.path.join(PACKAGE, name) for name in os.listdir(PACKAGE) if name.endswith(".py"))
# These need Ray and PyArrow.
ARCHIVE = sorted(os.path.join(PACKAGE, "archive", name) for name in os.listdir(os.path.join(PACKAGE, "archive")) if name.endswith(".py"))


def vermin(*files):
    """What vermin finds that Python 3.9 cannot run; empty if nothing."""
    command = [
        sys.executable,
        "-c",
        "import vermin; vermin.main()",
        "--target=3.9-",
        "--no-tips",
        "--violations",
        "--eval-annotations",
    ]
    command += ["--feature", "union-types"]
    done = subprocess.run([*command, *files], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def statements(node):
    """All nodes below a node, without those that only type checkers execute."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from statements(child)


class Language(unittest.TestCase):
    def test_python_3_9(self):
        self.assertEqual(vermin(*FILES, *ARCHIVE), "")

    def test_vermin_finds_what_is_newer(self):
        for line in (
            "match 1:\n    case 1: pass",
            "from dataclasses import dataclass\n@dataclass(slots=True)\nclass A: pass",
            "zip([], [], strict=True)",
            "def f(x: int | None): pass",
        ):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "newer.py")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(line + "\n")
                self.assertIn("3.10", vermin(path), line)

    def test_only_the_standard_library(self):
        # In a Python without site-packages.
        modules = ["enlarger." + os.path.basename(name)[:-3] for name in FILES if "__" not in name]
        self.assertGreater(len(modules), 12)
        code = f"import {', '.join(modules)}; enlarger.Upscaler(engine='rten').run(bytes(300), 10, 10, 'rgb u8')"
        env = {**os.environ, "PYTHONPATH": os.path.dirname(PACKAGE)}
        subprocess.run([sys.executable, "-S", "-s", "-W", "error", "-c", code], env=env, check=True)
        for path in FILES:
            allowed = {*sys.stdlib_module_names, OPTIONAL.get(os.path.basename(path))}
            with open(path, encoding="utf-8") as file:
                tree = ast.parse(file.read())
            for node in statements(tree):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.level == 0:
                    names = [node.module]
                for name in names:
                    self.assertIn(name.split(".")[0], allowed, path)

    def test_files_and_public_names_are_documented(self):
        for path in [*FILES, *ARCHIVE]:
            with open(path, encoding="utf-8") as file:
                tree = ast.parse(file.read())
            self.assertTrue(ast.get_docstring(tree), path)
        for name in enlarger.__all__:
            thing = getattr(enlarger, name)
            self.assertTrue(thing.__doc__, name)
            for member, value in vars(thing).items() if isinstance(thing, type) else ():
                if callable(value) and not member.startswith("_"):
                    self.assertTrue(value.__doc__, f"{name}.{member}")

    def test_public_functions_are_typed(self):
        self.assertTrue(os.path.exists(os.path.join(PACKAGE, "py.typed")))
        for path in [*FILES, *ARCHIVE]:
            with open(path, encoding="utf-8") as file:
                tree = ast.parse(file.read())
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    arguments = [*node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
                    untyped = [a.arg for a in arguments if a and not a.annotation and a.arg not in ("self", "cls")]
                    self.assertEqual(untyped, [], f"{path}: {node.name}")
                    self.assertIsNotNone(node.returns, f"{path}: {node.name}")

    def test_all_lists_the_public_names(self):
        self.assertEqual(enlarger.__all__, sorted(enlarger.__all__))
        public = {name for name in vars(enlarger) if not name.startswith("_")}
        submodules = {os.path.basename(path)[:-3] for path in FILES}
        self.assertEqual(public - submodules, set(enlarger.__all__) - submodules)


if __name__ == "__main__":
    unittest.main()
