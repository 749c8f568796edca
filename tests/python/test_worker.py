"""The library in a worker: what only that way has. The other tests run over both ways, as ENLARGER_WAY says.

A worker that is killed, hangs or sends garbage costs one exception, and the next objects work. A worker ends with its host. Nothing is
left behind.
"""

import contextlib
import ctypes
import gc
import glob
import mmap
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

import enlarger
from enlarger import _abi, _load
from enlarger._worker import memory, worker
from enlarger._worker.library import Library
from enlarger._worker.program import find
from support import HEIGHT, WIDTH, difference, pixels

DATA = pixels("rgb u8")
SIDE = 1600
LARGE = bytes(3 * SIDE * SIDE)
KILLS = int(os.environ.get("ENLARGER_TEST_KILLS", "5"))
LIBRARY = enlarger.library_path()
PROGRAM = find(LIBRARY)
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(enlarger.__file__)))

before = None


def setUpModule():
    global before
    assert PROGRAM, f"there is no worker beside {LIBRARY}"
    before = _load._loaded
    _load._loaded = Library(PROGRAM, LIBRARY)


def tearDownModule():
    gc.collect()
    _load._loaded._worker.end("was ended by the tests")
    _load._loaded = before


def library():
    return _load.load()


def kill(number=signal.SIGKILL):
    os.kill(library().process, number)


def upscaler():
    return enlarger.Upscaler(engine="rten", threads=1)


def run(one, data=DATA, width=WIDTH, height=HEIGHT, **wanted):
    return one.run(data, width, height, "rgb u8", **wanted)


def is_running(process):
    """Whether a process exists and is not a zombie."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def gone(process, seconds=2.0):
    """Waits until a process has ended."""
    until = time.monotonic() + seconds
    while is_running(process) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_running(process)


class Case(unittest.TestCase):
    def works(self):
        """The next objects work, whatever has happened."""
        self.assertEqual(run(upscaler(), factor=0.5).width, WIDTH // 2)


class Same(Case):
    """Nothing is different but where it is done."""

    def test_every_function_is_there(self):
        for name in set(_abi.FUNCTIONS) - {"enl_worker_run"}:
            self.assertTrue(callable(getattr(library(), name)), name)
        self.assertEqual(enlarger.way(), "worker")
        self.assertNotEqual(library().process, os.getpid())

    def test_pixels_through_the_pipe_are_those_of_shared_memory(self):
        one = upscaler()
        shared = run(one)
        with mock.patch.object(memory, "_shared", False):
            piped = run(one)
            # More than a piece, to and fro.
            large = run(one, LARGE, SIDE, SIDE, factor=0.5)
        self.assertEqual(difference(shared.data, piped.data), "")
        self.assertEqual(difference(large.data, run(one, LARGE, SIDE, SIDE, factor=0.5).data), "")

    def test_what_lies_between_rows_stays(self):
        one, stride = upscaler(), 4096
        plain = run(one, factor=0.5)
        row = 3 * WIDTH
        source = b"".join(DATA[y * row : (y + 1) * row].ljust(stride, b"\xaa") for y in range(HEIGHT))
        for shared in (True, False):
            padding = 5
            out = numpy_rows(plain.height, plain.width * 3 + padding)
            with mock.patch.object(memory, "_shared", shared), mock.patch.object(memory, "_FEW", 0):
                made = run(one, source, stride=stride, factor=0.5, out=out[:, : plain.width * 3].reshape(plain.height, -1, 3))
            self.assertEqual(made.stride, plain.width * 3 + padding)
            self.assertEqual(difference(out[:, : plain.width * 3].tobytes(), plain.data), "")
            self.assertTrue((out[:, plain.width * 3 :] == 7).all())

    def test_a_refused_run_leaves_the_result_alone(self):
        out = bytearray(b"\x07" * (48 * WIDTH * HEIGHT))
        for shared in (True, False):
            with mock.patch.object(memory, "_shared", shared):
                with self.assertRaises(enlarger.InvalidArgument):
                    run(upscaler(), out=out, rect=(0, 0, 4 * WIDTH, 1))
                with self.assertRaises(enlarger.InvalidArgument):
                    run(upscaler(), icc_profile=b"nonsense", out=out)
            self.assertEqual(set(out), {7})

    def test_more_memory_than_there_is(self):
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000  # MAP_NORESERVE of Linux
        with mmap.mmap(-1, 1 << 38, flags=flags) as out:
            with self.assertRaises(enlarger.OutOfMemory):
                source = enlarger.pixels.view(DATA, WIDTH, HEIGHT, "rgb u8")
                one = enlarger.Upscaler(method="nearest")
                with source as view, contextlib.ExitStack() as stack:
                    first = stack.enter_context(exported(out))
                    target = _abi.enl_view(first, 1 << 38, 1 << 20, 1 << 16, 1 << 18, view.format, 0)
                    callback = _abi.enl_progress_callback()
                    status = library().enl_upscaler_run(one._handle, None, view, None, None, callback, None, target)
                    enlarger._call.check(status)
        self.works()

    def test_calls_of_a_log_callback_run_on_its_thread(self):
        seen = []

        def log(level, message):
            # From inside the callback the library refuses this, and logs nothing.
            seen.append(library().enl_log_set(0, _abi.enl_log_callback(), None))
            enlarger.Registry().close()

        enlarger.set_log(log, "info")
        self.addCleanup(enlarger.set_log, None)
        upscaler().plan(5, 5)
        self.assertTrue(seen)
        self.assertEqual(set(seen), {_abi.ENL_ERROR_BUSY})

    def test_the_worker_frees_what_is_freed(self):
        def memory():
            with open(f"/proc/{library().process}/statm", encoding="ascii") as file:
                return int(file.read().split()[1]) * 4096

        def use(times):
            for _ in range(times):
                # Each has a network of five megabytes; some are closed, the others are left to the garbage collector.
                upscaler().close()
                upscaler()
            gc.collect()
            return memory()

        before = use(4)
        self.assertLess(use(8) - before, 40 << 20)

    def test_nothing_is_left_open(self):
        one = upscaler()
        run(one)
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            run(one, LARGE, SIDE, SIDE, factor=0.1)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)


def numpy_rows(height, width):
    import numpy

    return numpy.full((height, width), 7, "u1")


@contextlib.contextmanager
def exported(mapped):
    first = ctypes.c_char.from_buffer(mapped)
    try:
        yield ctypes.addressof(first)
    finally:
        del first


class Killed(Case):
    def survives(self, act, longest, times=KILLS):
        """Kills the worker at random moments of something."""
        lost, rng = 0, random.Random(7)
        for _ in range(times):
            timer = threading.Timer(rng.uniform(0.0, longest), kill)
            made = enlarger.Registry(), upscaler()
            timer.start()
            try:
                act(*made)
            except enlarger.WorkerLost as error:
                lost += 1
                self.assertEqual((error.status, error.name), (_abi.ENL_ERROR_WORKER, "ENL_ERROR_WORKER"))
                self.assertRegex(str(error), "^enlarger-worker, the process that Enlarger works in, was ended by SIGKILL; .*start again$")
            timer.join()
            # At the end it is always gone, and whatever it had says so.
            self.assertTrue(gone(library().process))
            time.sleep(0.1)
            with self.assertRaises(enlarger.WorkerLost):
                made[1].plan(5, 5)
            self.assertTrue(made[0].is_lost and made[1].is_lost)
            for thing in made:
                thing.close()
            self.works()
        return lost

    def test_while_it_runs(self):
        self.assertEqual(self.survives(lambda _, one: run(one, LARGE, SIDE, SIDE), 1.0), KILLS)

    def test_while_it_streams(self):
        def stream(_, one):
            one.stream(lambda x, y, width: bytes(3 * width), lambda y, row: None, SIDE, SIDE, "rgb u8")

        self.assertEqual(self.survives(stream, 1.0), KILLS)

    def test_while_it_plans_and_describes(self):
        def plan(registry, one):
            until = time.monotonic() + 0.6
            while time.monotonic() < until:
                one.plan(100, 100)
                registry.options()

        self.assertEqual(self.survives(plan, 0.5), KILLS)

    def test_while_it_imports(self):
        network = os.path.join(os.path.dirname(PACKAGE), "..", "core", "models", "realesr-general-x4v3", "model.onnx")
        with tempfile.TemporaryDirectory() as home, mock.patch.dict(os.environ, XDG_DATA_HOME=home, TMPDIR=home):
            self.survives(lambda registry, _: registry.import_model(network), 2.0, 3)
            time.sleep(0.5)
            found = [name for name in glob.glob(f"{home}/**", recursive=True) if os.path.isfile(name)]
            # A model is there whole or not at all.
            self.assertIn(len([name for name in found if name.endswith("manifest.toml")]), (0, 1))
            if not any(name.endswith("manifest.toml") for name in found):
                self.assertEqual([name for name in found if "onnx" in name], [])

    def test_callers_on_all_threads_are_told(self):
        ends = []

        def work(one):
            try:
                run(one, LARGE, SIDE, SIDE)
            except BaseException as error:
                ends.append(type(error))

        threads = [threading.Thread(target=work, args=(upscaler(),)) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        kill()
        for thread in threads:
            thread.join(5)
        self.assertEqual(ends, [enlarger.WorkerLost] * 3)
        self.works()

    def test_the_log_goes_on(self):
        seen = []
        enlarger.set_log(lambda *message: seen.append(message), "info")
        self.addCleanup(enlarger.set_log, None)
        kill()
        time.sleep(0.3)
        upscaler().plan(5, 5)
        self.assertTrue(seen)

    def test_a_call_that_was_to_stop_anyway_has_stopped(self):
        cancel, one = enlarger.Cancel(), upscaler()

        def stop():
            kill(signal.SIGSTOP)
            cancel.request()
            kill()

        begun = []

        def report(_):
            if not begun:
                begun.append(threading.Thread(target=stop))
                begun[0].start()

        with self.assertRaises(enlarger.Cancelled):
            run(one, LARGE, SIDE, SIDE, cancel=cancel, progress=report)
        self.works()


class Hanging(Case):
    def setUp(self):
        patch = mock.patch.object(worker, "PATIENCE", 2)
        patch.start()
        self.addCleanup(patch.stop)

    def test_a_worker_that_hangs_is_ended(self):
        one, process = upscaler(), library().process
        timer = threading.Timer(0.5, kill, [signal.SIGSTOP])
        timer.start()
        started = time.monotonic()
        with self.assertRaisesRegex(enlarger.WorkerLost, "did not answer for 2 seconds and was ended; .*start again"):
            run(one, LARGE, SIDE, SIDE)
        self.assertLess(time.monotonic() - started, 8)
        self.assertTrue(gone(process))
        self.works()

    def test_a_cancel_that_is_not_obeyed(self):
        one, cancel = upscaler(), enlarger.Cancel()

        asked = []

        def stop():
            kill(signal.SIGSTOP)
            began = time.monotonic()
            cancel.request()
            asked[0] = time.monotonic() - began

        def report(_):
            if not asked:
                asked.append(9)
                threading.Thread(target=stop).start()

        with self.assertRaises(enlarger.Cancelled):
            run(one, LARGE, SIDE, SIDE, cancel=cancel, progress=report)
        # A window that asks does not hang with the worker.
        self.assertLess(asked[0], 0.5)
        self.works()

    def test_a_callback_that_takes_long_is_no_hang(self):
        seen = []

        def slow(progress):
            if not seen:
                seen.append(progress)
                time.sleep(4)

        self.assertEqual(run(upscaler(), progress=slow).width, 4 * WIDTH)

    def test_a_long_call_is_no_hang(self):
        one = upscaler()
        cancel = enlarger.Cancel()
        threading.Timer(4, cancel.request).start()
        with self.assertRaises(enlarger.Cancelled):
            run(one, LARGE, SIDE, SIDE, cancel=cancel)
        self.assertFalse(one.is_lost)

    def test_ctrl_c_leaves_a_call_that_waits(self):
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, before)
        self.works()
        kill(signal.SIGSTOP)
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            enlarger.Registry()
        timer.join()
        kill(signal.SIGCONT)
        self.works()
        until = time.monotonic() + 2
        while library()._worker._calls and time.monotonic() < until:
            time.sleep(0.02)
        self.assertEqual(library()._worker._calls, {})


class Garbage(Case):
    def test_garbage_to_the_worker_ends_it_with_a_sentence(self):
        frame = worker.framed
        for sent, words in [
            (b"\xff" * 64, "not a kind of frame"),
            (frame(1, 0, b"")[:4] + b"\x01" * 60, "ends where|too long|no kind|frame"),
            (frame(1, 99, b"short"), "ends where"),
            (frame(1, 99, b"\0" * 9, b"\xff\xff"), "no function 65535"),
            (frame(2, 77, b"\0" * 4), "not running"),
            (frame(3, 5, b"\1" + b"\0" * 7, b"x"), "pixels come"),
            (frame(4, 0, b"\0\0"), "has an answer"),
            (frame(5, 0, b"\0" * 4, b"\1\0\0\0", b"\0" * 4, b"\0"), "no name"),
        ]:
            one = upscaler()
            library()._worker._outgoing.put(sent)
            with self.subTest(words=words):
                self.assertTrue(gone(library().process))
                time.sleep(0.2)
                with self.assertRaisesRegex(enlarger.WorkerLost, words):
                    one.plan(5, 5)
        self.works()

    def test_garbage_from_the_worker(self):
        # Between the worker and this process, a program that says something else when it is told to.
        relay = """
import os, sys, threading
flag, program = sys.argv[0] + ".flag", os.environ["REAL_WORKER"]
import subprocess
real = subprocess.Popen([program, sys.argv[1]], stdin=0, stdout=subprocess.PIPE)
while True:
    data = os.read(real.stdout.fileno(), 65536)
    if os.path.exists(flag):
        data = open(flag, "rb").read()
    if not data:
        break
    os.write(1, data)
real.kill()
"""
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, REAL_WORKER=PROGRAM):
            file = self.program(folder, "#!" + sys.executable + relay)
            for data in (b"\xff" * 64, b"\0\0\0\0\x01" + b"\0" * 8, b"\xff\xff\xff\x7f\x81" + b"\0" * 8, b"\1\0\0\0\x81" + b"\0" * 9):
                other = Library(file, LIBRARY)
                with mock.patch.object(_load, "_loaded", other):
                    one = upscaler()
                    with open(file + ".flag", "wb") as flag:
                        flag.write(data)
                    with self.assertRaisesRegex(enlarger.WorkerLost, "has sent what is not understood"):
                        one.plan(5, 5)
                    os.remove(file + ".flag")
                    self.works()
                    del one
                    other._worker.end("was ended by the test")
        self.works()

    def program(self, folder, text):
        file = os.path.join(folder, "enlarger-worker")
        with open(file, "w", encoding="utf-8") as script:
            script.write(text)
        os.chmod(file, 0o755)
        return file

    def test_programs_that_are_no_worker(self):
        with tempfile.TemporaryDirectory() as folder:
            for text, words in [
                ("#!/bin/sh\nexit 3\n", "has ended with the status 3"),
                ("#!/bin/sh\necho 'no such thing' >&2; exit 1\n", "no such thing"),
                ("#!/bin/sh\ncat\n", "not understood"),
                ("#!/bin/sh\nyes\n", "not understood"),
                ("#!/bin/sh\nkill -SEGV $$\n", "SIGSEGV"),
            ]:
                with self.subTest(text=text), self.assertRaisesRegex(enlarger.LoadError, words):
                    Library(self.program(folder, text), LIBRARY)
            with mock.patch.object(worker, "_BEGINNING", 1), self.assertRaisesRegex(enlarger.LoadError, "does not answer"):
                Library(self.program(folder, "#!/bin/sh\nexec sleep 60\n"), LIBRARY)
        with self.assertRaisesRegex(enlarger.LoadError, "cannot be started"):
            Library("/none/enlarger-worker", LIBRARY)
        with self.assertRaisesRegex(enlarger.LoadError, "cannot be used"):
            Library(PROGRAM, "/none/libenlarger.so.1")

    def test_other_versions_are_refused_by_both_sides(self):
        for greeting, words in [
            (b"\x7fENL\7\0\0\0\1\0\0\0\n", "version 7 of the protocol"),
            (b"\x7fENL\1\0\0\0\7\0\0\0\n", "version 7 of the interface"),
        ]:
            done = subprocess.run([PROGRAM, LIBRARY], input=greeting, capture_output=True, timeout=30)
            self.assertIn(words, done.stderr.decode())
            self.assertEqual((done.returncode, done.stdout), (3, b""))
        with mock.patch.object(worker.frames, "PROTOCOL", 7), self.assertRaisesRegex(enlarger.LoadError, "version 7 of the protocol"):
            Library(PROGRAM, LIBRARY)
        types = {**_abi.TYPES, "enl_cancel_new": "int32_t, double"}
        with mock.patch.object(_abi, "TYPES", types), self.assertRaisesRegex(enlarger.LoadError, "another enl_cancel_new"):
            Library(PROGRAM, LIBRARY)


class Ends(Case):
    """The worker and its host, and how each ends."""

    HOST = (
        "import enlarger, os, sys, time\n"
        "one = enlarger.Upscaler(engine='rten')\n"
        "print(enlarger._load.load().process, flush=True)\n"
    )
    BUSY = f"one.run(bytes(3 * {SIDE} * {SIDE}), {SIDE}, {SIDE}, 'rgb u8')\n"

    def host(self, code, **environment):
        path = os.pathsep.join([PACKAGE, os.path.dirname(os.path.abspath(__file__))])
        env = {**os.environ, "PYTHONPATH": path, "ENLARGER_LIBRARY": LIBRARY, "ENLARGER_WAY": "worker", **environment}
        return subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_the_worker_ends_with_its_host_even_while_it_computes(self):
        shared = set(os.listdir("/dev/shm"))
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            for code in (self.BUSY, "time.sleep(60)\n"):
                host = self.host(self.HOST + code)
                process = int(host.stdout.readline())
                time.sleep(1)
                self.assertTrue(is_running(process))
                host.send_signal(number)
                host.wait(10)
                self.assertTrue(gone(process), f"{number} {code}")
                host.communicate()
        self.assertEqual(set(os.listdir("/dev/shm")) - shared, set())

    def test_it_ends_with_its_host_although_a_copy_of_that_lives_on(self):
        host = self.host(self.HOST + "if os.fork() == 0: time.sleep(30)\n" + self.BUSY)
        process = int(host.stdout.readline())
        time.sleep(1)
        host.kill()
        self.assertTrue(gone(process, 4))
        host.stdout.close()
        host.stderr.close()

    def test_a_copy_of_the_host_gets_a_worker_of_its_own(self):
        code = self.HOST + (
            "child = os.fork()\n"
            "if child == 0:\n"
            "    try: one.plan(5, 5)\n"
            "    except enlarger.WorkerLost as e: assert 'copy' in str(e), e\n"
            "    other = enlarger.Upscaler(engine='rten')\n"
            "    print(other.plan(5, 5).width, enlarger._load.load().process != os.getppid(), flush=True)\n"
            "    os._exit(0)\n"
            "assert os.waitpid(child, 0)[1] == 0\n"
            "print(one.plan(7, 7).width)\n"
        )
        said, problems = self.host(code).communicate(timeout=60)
        self.assertEqual(said.split()[1:], ["20", "True", "28"], problems)

    def test_a_host_that_ends_by_itself_leaves_no_worker(self):
        host = self.host(self.HOST)
        said, problems = host.communicate(timeout=60)
        self.assertEqual((host.returncode, problems), (0, ""))
        self.assertTrue(gone(int(said)))

    def test_a_host_that_ignores_no_signals_lives_on(self):
        """As Krita, whose Python leaves them alone. A frame is half written when the worker ends."""
        code = "import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\n" + self.HOST + (
            "worker = enlarger._load.load()._worker\n"
            "os.kill(worker.process, signal.SIGSTOP)\n"
            "worker._outgoing.put(bytes(1 << 20))\n"
            "time.sleep(0.3)\n"
            "os.kill(worker.process, signal.SIGKILL)\n"
            "time.sleep(0.5)\n"
            "try: one.plan(5, 5)\n"
            "except enlarger.WorkerLost: print('lives')\n"
        )
        host = self.host(code)
        said, problems = host.communicate(timeout=60)
        self.assertEqual((host.returncode, said.split()[1:]), (0, ["lives"]), problems)

    def test_a_file_that_cannot_be_loaded_here_works_in_a_worker(self):
        code = (
            "import ctypes\n"
            "def refuse(*_): raise OSError('code signature not valid for use in process')\n"
            "ctypes.CDLL = type('CDLL', (), {'__init__': refuse})\n"
        ) + self.HOST + "print(enlarger.way(), enlarger.library_path(), enlarger.version())\n"
        said, problems = self.host(code, ENLARGER_WAY="").communicate(timeout=60)
        self.assertEqual(said.split()[1:3], ["worker", LIBRARY], problems)
        said, problems = self.host(code, ENLARGER_WAY="library").communicate(timeout=60)
        self.assertIn("it cannot be loaded (code signature not valid", problems)

    def test_the_way_is_chosen(self):
        code = "import enlarger\nenlarger.set_way('{0}')\nprint(enlarger.way())\ntry: enlarger.set_way('{1}')\nexcept enlarger.InvalidArgument as e: print(e)\n"
        for first, second in (("worker", "library"), ("library", "worker")):
            said, problems = self.host(code.format(first, second), ENLARGER_WAY=second).communicate(timeout=60)
            self.assertEqual(said.splitlines()[0], first, problems)
            self.assertIn("in use already", said)
        said, problems = self.host("import enlarger\nenlarger.version()", ENLARGER_WAY="magic").communicate(timeout=60)
        self.assertIn("ENLARGER_WAY is 'magic'; set it to one of: library, worker", problems)
        with self.assertRaises(enlarger.InvalidArgument):
            enlarger.set_way("magic")

    def test_a_worker_that_is_missing(self):
        said, problems = self.host("import enlarger\nenlarger.version()", ENLARGER_WORKER="/none/worker").communicate(timeout=60)
        self.assertIn("/none/worker cannot be started", problems)
        said, problems = self.host("import enlarger\nenlarger.version()", ENLARGER_WORKER="worker").communicate(timeout=60)
        self.assertIn("must be an absolute path", problems)

    def test_the_environment_of_the_host_counts_at_each_call(self):
        with tempfile.TemporaryDirectory() as home, mock.patch.dict(os.environ, XDG_DATA_HOME=home):
            folder = os.path.join(home, "enlarger", "models", "broken")
            os.makedirs(folder)
            with open(os.path.join(folder, "manifest.toml"), "w", encoding="utf-8") as file:
                file.write("nonsense")
            seen = []
            enlarger.set_log(lambda level, message: seen.append(message), "warning")
            self.addCleanup(enlarger.set_log, None)
            enlarger.Registry()
            self.assertTrue(any(home in message for message in seen), seen)


if __name__ == "__main__":
    unittest.main()
