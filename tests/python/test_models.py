"""Models: imported from files, installed from the catalogue, removed. Needs curl, as users do."""

import functools
import hashlib
import http.server
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import enlarger

ROOT = Path(__file__).resolve().parents[2]
NETWORK = ROOT / "core/models/waifu2x-photo-x2/model.onnx"
# Seconds. Half a second on an idle machine; other programs run beside the tests.
PROMPT = 10
DEFAULT = ROOT / "core/models/realesr-general-x4v3/model.onnx"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class SlowHandler(QuietHandler):
    """Announces a file and sends its beginning only."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(NETWORK.stat().st_size))
        self.end_headers()
        self.wfile.write(NETWORK.read_bytes()[:100_000])
        self.wfile.flush()
        time.sleep(20)


def children():
    """The processes that the library has started and that still run: it is in this process, or in a worker."""
    worker = getattr(enlarger._load.load(), "process", None)
    parents = f"{os.getpid()},{worker}" if worker else str(os.getpid())
    listed = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", parents], capture_output=True, text=True)
    lines = [line for line in listed.stdout.splitlines() if line.strip() and not line.endswith(" ps")]
    return [line for line in lines if int(line.split()[0]) != worker]


class Home(unittest.TestCase):
    """A test with an empty data folder."""

    def setUp(self):
        self.home = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        before = {name: os.environ.get(name) for name in ("XDG_DATA_HOME", "no_proxy")}
        self.addCleanup(self.restore, before)
        os.environ.update(XDG_DATA_HOME=str(self.home), no_proxy="127.0.0.1")
        self.steps = []

    @staticmethod
    def restore(before):
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def step(self, fraction, text):
        self.steps.append((time.monotonic(), fraction, text))

    def left(self):
        """Everything in the folder of models."""
        return sorted(path.name for path in (self.home / "enlarger/models").glob("*"))

    def marked(self):
        """The processes of this test that run, by a variable that they inherit."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"ENLARGER_TEST_MARK={self.home.name}".encode() in (folder / "environ").read_bytes():
                    found.append(folder.name)
            except OSError:
                continue
        return found

    def changed(self):
        """A network like the built-in one, but with another hash."""
        data = bytearray(NETWORK.read_bytes())
        data += b"\x72\x00"  # An empty documentation string.
        return self.file("My Photos.onnx", bytes(data))

    def file(self, name, data):
        path = self.home / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data)
        return path

    def model(self, id):
        return next(model for model in enlarger.Registry().models if model.id == id)


class Imports(Home):
    def test_a_network_is_imported_once_used_and_removed(self):
        registry = enlarger.Registry()
        before = len(registry.models)
        id = registry.import_model(self.changed(), self.step)
        self.assertEqual(id, "my-photos")
        texts = list(dict.fromkeys(text for _, _, text in self.steps))
        self.assertEqual(
            texts,
            [
                "reading My Photos.onnx",
                "finding out what the network does",
                "testing the model",
                "storing the model",
            ],
        )
        times = [when for when, _, _ in self.steps]
        gaps = sorted(b - a for a, b in zip(times, times[1:]))
        self.assertLess(gaps[len(gaps) // 2], 0.5)
        self.assertLess(gaps[-1], PROMPT)
        self.assertGreater(len(times), 5)

        # A registry is a snapshot.
        self.assertEqual(len(registry.models), before)
        model = self.model(id)
        self.assertEqual((model.name, model.scale, model.licence, model.removable), ("My Photos", "2", "unknown", "yes"))
        upscaler = enlarger.Upscaler(model=id, registry=enlarger.Registry())
        self.assertEqual(upscaler.run(bytes(300), 10, 10, "rgb u8", factor=2).width, 20)

        # The same network has an id already, under any name; another one with the same name gets another id.
        again = shutil.copy(self.changed(), self.home / "again.onnx")
        self.assertEqual(registry.import_model(again), id)
        self.assertEqual(registry.import_model(NETWORK), "waifu2x-photo-x2")
        self.assertEqual(self.left(), [id])
        other = self.file("my photos.onnx", DEFAULT.read_bytes() + b"\x72\x00")
        self.assertEqual(registry.import_model(os.fspath(other)), "my-photos-2")

        registry.remove(id)
        self.assertEqual(self.left(), ["my-photos-2"])
        for id in (id, "../models", "waifu2x-photo-x2"):
            with self.assertRaisesRegex(enlarger.ModelError, "only models in this folder can be removed"):
                registry.remove(id)
        self.assertEqual(self.model("waifu2x-photo-x2").removable, "no")

    def test_a_checkpoint_is_imported_by_its_content(self):
        file = self.file("Span.onnx", (ROOT / "tests/checkpoints/span-x4.pth").read_bytes())
        id = enlarger.Registry().import_model(file)
        self.assertEqual((id, self.model(id).scale, self.model(id).architecture.lower()), ("span", "4", "span"))
        self.assertEqual(enlarger.Registry().import_model(file), id)
        self.assertEqual(self.left(), [id])

    def test_what_is_no_network_is_refused_and_leaves_nothing(self):
        registry = enlarger.Registry()
        for name, data, sentence in [
            ("a.onnx", b"no network", "not a model"),
            ("b.onnx", NETWORK.read_bytes()[:-1000], "damaged"),
        ]:
            with self.assertRaisesRegex(enlarger.ModelError, sentence):
                registry.import_model(self.file(name, data))
        with self.assertRaisesRegex(enlarger.Error, "no such file"):
            registry.import_model(self.home / "missing.onnx")
        for wrong in (7, None):
            with self.assertRaises(TypeError):
                registry.import_model(wrong)
        with self.assertRaises(TypeError):
            registry.import_model("a", cancel="now")
        self.assertEqual(self.left(), [])

    def test_a_cancel_stops_the_process_and_leaves_nothing(self):
        file = self.file("default.onnx", DEFAULT.read_bytes() + b"\x72\x00")
        cancel = enlarger.Cancel()
        asked = []

        def request(_, text):
            # The step begins before its process does.
            if text.startswith("finding") and not asked and children():
                asked.append(time.monotonic())
                cancel.request()

        with self.assertRaises(enlarger.Cancelled):
            enlarger.Registry().import_model(file, request, cancel)
        self.assertLess(time.monotonic() - asked[0], PROMPT)
        self.assertEqual((children(), self.left()), ([], []))

    def test_a_callback_stops_the_import_by_its_answer_or_an_exception(self):
        with self.assertRaises(enlarger.Cancelled):
            enlarger.Registry().import_model(self.changed(), lambda *_: False)
        with self.assertRaises(ZeroDivisionError):
            enlarger.Registry().import_model(self.changed(), lambda *_: 1 / 0)
        self.assertEqual((children(), self.left()), ([], []))

    def test_a_missing_worker_is_named(self):
        """In a copy of the library without it."""
        folder = self.home / "alone"
        folder.mkdir()
        library = shutil.copy(os.path.realpath(enlarger.library_path()), folder / "libenlarger.so")
        program = "import enlarger, sys; enlarger.Registry().import_model(sys.argv[1])"
        run = functools.partial(subprocess.run, capture_output=True, text=True)
        command = [sys.executable, "-c", program, str(self.changed())]
        environment = {**os.environ, "ENLARGER_LIBRARY": str(library), "PYTHONPATH": str(ROOT / "plugins/python")}
        # Without its program, the library does not work in a worker at all.
        environment["ENLARGER_WAY"] = "library"
        output = run(command, env=environment)
        self.assertRegex(output.stderr, "enlarger-worker is missing.*install Enlarger again")

        # It is found beside the library, and may have lost its permission to be run.
        worker = Path(os.path.realpath(enlarger.library_path())).parent / "enlarger-worker"
        shutil.copy(worker, folder / "enlarger-worker")
        (folder / "enlarger-worker").chmod(0o644)
        output = run(command, env=environment)
        self.assertEqual(output.returncode, 0, output.stderr)
        self.assertEqual(self.left(), ["my-photos"])

        # One that does not work is named, too.
        (self.home / "enlarger/models/my-photos").rename(self.home / "gone")
        (folder / "enlarger-worker").write_text("#!/bin/sh\necho it is broken >&2\nexit 127\n")
        output = run(command, env=environment)
        self.assertRegex(output.stderr, "did not start .it is broken.; install Enlarger again")

    def test_the_process_ends_with_the_program(self):
        file = self.file("default.onnx", DEFAULT.read_bytes() + b"\x72\x00")
        program = (
            "import enlarger, os, signal, subprocess, sys\n"
            "def step(fraction, text):\n"
            "    started = subprocess.run(['pgrep', '-P', str(os.getpid()), 'enlarger-worke'], stdout=subprocess.DEVNULL)\n"
            "    if text.startswith('finding') and started.returncode == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
            "enlarger.Registry().import_model(sys.argv[1], step)"
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugins/python"), "ENLARGER_TEST_MARK": self.home.name}
        ended = subprocess.run([sys.executable, "-c", program, str(file)], env=environment)
        self.assertEqual(ended.returncode, -signal.SIGKILL)
        deadline = time.monotonic() + 30
        while self.marked() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.marked(), [])


class Installations(Home):
    def catalogue(self, handler, certain=True):
        """Adds a model to the user's catalogue, with a server for it."""
        served = self.home / "served"
        served.mkdir()
        shutil.copy(NETWORK, served / "my-photo.onnx")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(served)))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        text = (ROOT / "core/import/tests/own-catalogue.toml").read_text()
        text = text.replace("https://example.org", f"http://127.0.0.1:{server.server_address[1]}")
        text = text.replace("SIZE", str(NETWORK.stat().st_size))
        text = text.replace("SHA256", hashlib.sha256(NETWORK.read_bytes()).hexdigest())
        if not certain:
            text = text.replace("licence_is_certain = true", "licence_is_certain = false")
        self.file("enlarger/catalogue.toml", text.encode())

    def test_the_catalogue_is_listed(self):
        models = {model.id: model for model in enlarger.Registry().available()}
        self.assertGreater(len(models), 30)
        x4plus, srmd = models["realesrgan-x4plus"], models["srmd-x2"]
        self.assertEqual((x4plus.scale, x4plus.licence, x4plus.licence_certain), (4, "BSD-3-Clause", True))
        self.assertTrue(x4plus.commercial and not x4plus.installed and x4plus.size > 1_000_000)
        self.assertFalse(srmd.licence_certain)
        # A checkpoint as its authors publish it: its scale is stated, and it was not tried.
        x2plus = models["realesrgan-x2plus"]
        self.assertEqual((x4plus.tried, x2plus.tried, x2plus.scale, x2plus.size), (True, False, 2, 67061725))
        self.assertTrue(models["waifu2x-photo-x2"].installed)
        self.assertTrue(all(model.name and model.source and model.attribution for model in models.values()))

    def test_a_model_is_fetched_tested_and_installed(self):
        self.catalogue(QuietHandler)
        registry = enlarger.Registry()
        listed = {model.id: model for model in registry.available()}["my-photo"]
        self.assertEqual((listed.scale, listed.size), (None, NETWORK.stat().st_size))
        registry.install("my-photo", progress=self.step)
        texts = {text for _, _, text in self.steps}
        self.assertTrue({"fetching my-photo.onnx", "testing the model", "storing the model"} <= texts, texts)
        self.assertEqual(self.model("my-photo").removable, "yes")
        again = {model.id: model for model in enlarger.Registry().available()}["my-photo"]
        self.assertTrue(again.installed and not listed.installed)
        registry.install("my-photo")
        registry.remove("my-photo")
        self.assertEqual(self.left(), [])
        with self.assertRaisesRegex(enlarger.ModelError, "no model 'none'"):
            registry.install("none")

    def test_an_unclear_licence_must_be_accepted(self):
        registry = enlarger.Registry()
        with self.assertRaisesRegex(enlarger.InvalidArgument, "srmd-x2 is unclear .*find out whether you may use them"):
            registry.install("srmd-x2")
        self.assertEqual(self.left(), [])

    def test_a_cancel_stops_the_users_client_and_what_it_has_started(self):
        client = self.file("bin/pip", b"#!/bin/sh\nsleep 61\n")
        client.chmod(0o755)
        before = os.environ["PATH"]
        self.addCleanup(os.environ.update, PATH=before)
        os.environ.update(PATH=f"{client.parent}:{before}", ENLARGER_TEST_MARK=self.home.name)
        self.addCleanup(os.environ.pop, "ENLARGER_TEST_MARK")
        started, marked = time.monotonic(), []

        def step(_, text):
            marked[:] = self.marked()
            return not (text.startswith("fetching") and len(marked) >= 2)

        with self.assertRaises(enlarger.Cancelled):
            enlarger.Registry().install("waifu2x-cunet-x1-n0", progress=step)
        self.assertLess(time.monotonic() - started, 30)
        self.assertGreaterEqual(len(marked), 2)
        # On a busy machine, a process that was killed is there for another moment.
        until = time.monotonic() + 10
        while self.marked() and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual((self.marked(), self.left()), ([], []))

    def test_a_cancel_stops_the_transfer_and_leaves_nothing(self):
        self.catalogue(SlowHandler)
        cancel = enlarger.Cancel()
        fractions = []

        def request(fraction, text):
            if fraction is not None:
                fractions.append(fraction)
                if len(fractions) == 5:
                    cancel.request()

        started = time.monotonic()
        with self.assertRaises(enlarger.Cancelled):
            enlarger.Registry().install("my-photo", progress=request, cancel=cancel)
        self.assertLess(time.monotonic() - started, 30)
        self.assertTrue(0 < fractions[-1] < 0.1, fractions)
        self.assertEqual((children(), self.left()), ([], []))


if __name__ == "__main__":
    unittest.main()
