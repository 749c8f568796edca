"""The process of a worker: when it is used, how it begins, and that it ends with its host. Nothing is left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

import enlarger
from worker_case import LIBRARY, SIDE, Case, gone, is_running

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(enlarger.__file__)))


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
