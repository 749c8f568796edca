"""Finding the library: each place, and the error when none works. Each test uses a process of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import enlarger

PACKAGE = os.path.dirname(os.path.abspath(enlarger.__file__))
LIBRARY = enlarger.library_path()


class Load(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.prefix = place.name
        self.folder = os.path.join(self.prefix, "share", "enlarger", "python")
        shutil.copytree(PACKAGE, os.path.join(self.folder, "enlarger"), ignore=shutil.ignore_patterns("__pycache__"))

    def python(self, code, **environment):
        """The output of a new Python process that uses the copied package."""
        env = {key: value for key, value in os.environ.items() if key not in ("ENLARGER_LIBRARY", "PYTHONPATH")}
        env.update(environment, PYTHONPATH=self.folder)
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def path(self, **environment):
        return self.python("import enlarger; print(enlarger.library_path())", **environment)

    def problem(self, **environment):
        # What a worker says of such files is in test_worker_garbage.py and test_worker_process.py.
        environment["ENLARGER_WAY"] = "library"
        return self.python(
            "import enlarger\ntry: enlarger.version()\n"
            "except enlarger.LoadError as e: assert isinstance(e, enlarger.Error) and e.status is None; print(e)",
            **environment,
        )

    def put(self, *folders, name="libenlarger.so.1"):
        folder = os.path.join(self.prefix, *folders)
        os.makedirs(folder, exist_ok=True)
        target = os.path.join(folder, name)
        os.symlink(LIBRARY, target)
        return target

    def library(self, source, name="other.so"):
        """A library compiled from C source."""
        path = os.path.join(self.prefix, name)
        subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-o", path], input=source, text=True, check=True)
        return path

    def test_importing_loads_nothing(self):
        code = "import enlarger, enlarger.job, sys; print([l for l in open('/proc/self/maps') if 'enlarger' in l])"
        self.put("lib")
        self.assertEqual(self.python(code), "[]")

    def test_the_environment_comes_first(self):
        self.put("share", "enlarger", "python", "enlarger")
        self.assertEqual(self.path(ENLARGER_LIBRARY=LIBRARY), LIBRARY)

    def test_beside_the_package_in_it_and_in_the_prefix(self):
        # Each of these places is tried before the previous one.
        for folders in (["lib"], ["share", "enlarger", "python"], ["share", "enlarger", "python", "enlarger"]):
            target = self.put(*folders)
            self.assertEqual(os.path.normpath(self.path()), target)

    def test_the_names_and_places_of_other_systems(self):
        """What a Python for Windows or macOS would look for; the file itself is this system's."""
        for platform, name, folder in (("win32", "enlarger-1.dll", "bin"), ("darwin", "libenlarger.1.dylib", "lib")):
            code = (
                f"import sys; sys.platform = {platform!r}\nimport enlarger\n"
                "try: print(enlarger.library_path(), enlarger.version())\nexcept enlarger.LoadError as e: print(e)"
            )
            missing = self.python(code, ENLARGER_WAY="library")
            self.assertIn(os.path.join(self.folder, "enlarger", name), missing)
            self.assertNotIn(".so", missing.replace("shared object", ""))
            for folders in ([folder], ["share", "enlarger", "python", "enlarger"]):
                target = self.put(*folders, name=name)
                path, version = self.python(code, ENLARGER_WAY="library").rsplit(" ", 1)
                self.assertEqual((os.path.normpath(path), version), (target, enlarger.version()))

    def test_installed(self):
        self.put("elsewhere")
        found = self.path(LD_LIBRARY_PATH=os.path.join(self.prefix, "elsewhere"), ENLARGER_WAY="library")
        self.assertEqual(found, "libenlarger.so.1")

    def test_nowhere(self):
        sentence = self.problem()
        for words in ("could not be loaded from any of these places", "there is no such file", "ENLARGER_LIBRARY"):
            self.assertIn(words, sentence)
        self.assertIn(os.path.join(self.folder, "enlarger", "libenlarger.so.1"), sentence)
        self.assertIn(os.path.join(self.prefix, "lib", "libenlarger.so.1"), sentence)
        # The system's own message is included.
        self.assertIn("cannot open shared object file", sentence)

    def test_the_environment_variable_is_not_replaced_by_another_place(self):
        self.put("lib")
        missing = os.path.join(self.prefix, "gone.so")
        sentence = self.problem(ENLARGER_LIBRARY=missing)
        self.assertIn(f"{missing}: there is no such file", sentence)
        self.assertNotIn("libenlarger.so.1", sentence)
        self.assertIn("must be an absolute path", self.problem(ENLARGER_LIBRARY="libenlarger.so.1"))
        # An empty variable counts as unset.
        self.assertTrue(self.path(ENLARGER_LIBRARY="").endswith("libenlarger.so.1"))

    def test_a_file_that_cannot_be_loaded(self):
        self.put("lib")
        broken = os.path.join(self.folder, "enlarger", "libenlarger.so.1")
        with open(broken, "wb") as file:
            file.write(b"not a library")
        sentence = self.problem()
        self.assertIn(f"{broken}: it cannot be loaded", sentence)
        self.assertIn("file too short", sentence)
        # The working library in a later place is not loaded silently.
        self.assertNotIn(os.path.join(self.prefix, "lib"), sentence)

    def test_another_library(self):
        other = self.library("int nothing_of_ours(void) { return 0; }")
        self.assertIn("it has no function enl_abi_version", self.problem(ENLARGER_LIBRARY=other))

    def test_another_version_of_the_interface(self):
        other = self.library("unsigned enl_abi_version(void) { return 7; }")
        sentence = self.problem(ENLARGER_LIBRARY=other)
        self.assertIn("its interface has version 7, but this package needs version 1", sentence)

    def test_an_older_library(self):
        other = self.library("unsigned enl_abi_version(void) { return 1; } unsigned enl_version(void) { return 1; }")
        sentence = self.problem(ENLARGER_LIBRARY=other)
        self.assertIn("older than this package: it has no function enl_", sentence)

    def test_loading_is_tried_again_after_a_failure(self):
        code = (
            "import enlarger, os\n"
            "try: enlarger.version()\n"
            "except enlarger.LoadError: pass\n"
            f"os.environ['ENLARGER_LIBRARY'] = {LIBRARY!r}\n"
            "print(enlarger.version())"
        )
        self.assertEqual(self.python(code), enlarger.version())

    def test_the_package_works_from_there(self):
        self.put("lib")
        code = "import enlarger; print(enlarger.Upscaler(engine='rten').run(bytes(300), 10, 10, 'rgb u8').width)"
        self.assertEqual(self.python(code), "40")


if __name__ == "__main__":
    unittest.main()
