"""A worker that is killed or hangs costs one exception, and the next objects work."""

import glob
import os
import random
import signal
import tempfile
import threading
import time
import unittest
from unittest import mock

import enlarger
from enlarger import _abi
from enlarger._worker import worker
from support import WIDTH
from worker_case import LARGE, SIDE, Case, gone, kill, library, run, upscaler

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(enlarger.__file__)))

KILLS = int(os.environ.get("ENLARGER_TEST_KILLS", "5"))


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


if __name__ == "__main__":
    unittest.main()
