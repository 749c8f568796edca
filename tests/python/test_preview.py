"""The preview's requests: the last one wins, and the host's thread never waits."""

import subprocess
import sys
import time
import unittest

import enlarger
from enlarger.errors import Cancelled
from enlarger.frame import Look
from enlarger.job import Job
from enlarger.upscaler_cache import UpscalerCache
from fake_host import FakeHost, layer
from preview_window import HEIGHT, LONG, SETTINGS, UPSCALERS, WIDTH, Window, photo


class Requests(unittest.TestCase):
    def test_what_a_dialog_sees(self):
        window = Window(self, photo())
        preview = window.preview
        self.assertEqual((preview.planned, preview.patch, preview.busy, preview.outdated), (None, None, False, False))
        window.request()
        self.assertEqual((preview.busy, preview.outdated, preview.progress), (True, True, 0.0))
        self.assertTrue(window.woken.wait(LONG))
        window.wait(lambda: preview.planned is not None)
        self.assertEqual(preview.planned.sizes, [(2 * WIDTH, 2 * HEIGHT)])
        self.assertEqual(preview.planned.engine, UPSCALERS.upscaler(SETTINGS).engine)
        first = window.wait().patch
        self.assertEqual((preview.outdated, preview.progress, preview.problem), (False, 1.0, None))
        window.request(strength=50)
        # The last patch stays, to be shown greyed.
        self.assertIs(preview.patch, first)
        self.assertTrue(preview.outdated)
        self.assertNotEqual(window.wait().patch.after, first.after)

    def test_the_host_is_used_on_its_thread_and_in_strips(self):
        # FakeHost checks the thread.
        wide = layer("wide", "rgba f32", 60_000, 30, bytes(60_000 * 30 * 16))
        window = Window(self, wide)
        window.patch(Look(30_000, 15, 60_000, 30), factor=1, method="bilinear")
        self.assertGreater(len(window.host.reads), 3)
        for _, rect in window.host.reads:
            self.assertLessEqual(rect.width * rect.height * 16, 4 << 20)

    def test_only_a_plan(self):
        window = Window(self, photo(), photo("gray u8"))
        window.preview.request(window.pictures, SETTINGS)
        preview = window.wait()
        self.assertEqual((len(preview.planned.plans), preview.patch), (2, None))
        self.assertEqual(window.host.reads, [])

    def test_another_picture(self):
        other = layer("other", "gray u8", 50, 40, bytes(range(200)) * 10)
        window = Window(self, photo(), other)
        window.preview.request(window.pictures, SETTINGS, Look(25, 20, 32, 24), shown=1)
        preview = window.wait()
        self.assertEqual({name for name, _ in window.host.reads}, {"other"})
        self.assertEqual(preview.patch.size, (100, 80))

    def test_the_last_of_twenty_requests_wins(self):
        window = Window(self, photo())
        for strength in range(5, 105, 5):
            window.request(strength=strength)
            window.preview.step()
        preview = window.wait()
        self.assertIsNone(preview.problem)
        self.assertEqual(preview.patch.settings["strength"], 100)
        self.assertEqual(preview.patch.after, Window(self, photo()).patch().after)

    def test_a_request_cancels_the_run_under_way(self):
        large = layer("large", "rgb u8", 300, 210, bytes(range(210)) * 900)
        window = Window(self, large)
        window.preview.request(window.pictures, SETTINGS, Look(150, 105, 600, 420))
        window.wait(lambda: window.preview.progress > 0)
        began = time.process_time()
        patch = window.patch(Look(150, 105, 32, 32), method="nearest")
        self.assertEqual(patch.frame.width, 32)
        # The whole of it takes many times as long.
        self.assertLess(time.process_time() - began, 5)

    def test_request_and_step_do_not_wait_for_the_library(self):
        large = layer("large", "rgb u8", 300, 210, bytes(range(210)) * 900)
        window = Window(self, large)
        window.preview.request(window.pictures, SETTINGS, Look(150, 105, 600, 420))
        window.wait(lambda: window.preview.progress > 0)
        steps = 0
        until = time.monotonic() + 1
        while time.monotonic() < until and window.preview.busy:
            window.preview.step()
            steps += 1
        self.assertGreater(steps, 20)

    def test_a_problem_is_told_and_gone_with_the_next_request(self):
        window = Window(self, photo())
        for wrong, error in [
            ({"factor": 99}, enlarger.InvalidArgument),
            ({"model": "none-such"}, enlarger.ModelError),
            ({"memory": 1000}, enlarger.OutOfMemory),
        ]:
            window.request(**wrong)
            preview = window.wait()
            self.assertIsInstance(preview.problem, error)
            self.assertTrue(preview.outdated)
        self.assertIsNotNone(window.patch())
        self.assertIsNone(preview.problem)

    def test_a_failure_of_the_host_is_the_problem(self):
        def read(picture, rect):
            raise RuntimeError("the layer was deleted")

        def too_little(picture, rect):
            return bytes(7)

        for function, words in ((read, "the layer was deleted"), (too_little, "the host gave 7 bytes")):
            window = Window(self, photo(), read=function)
            window.request()
            self.assertIn(words, str(window.wait().problem))

    def test_closing_while_it_works_does_not_wait_and_the_job_takes_its_turn(self):
        upscalers = UpscalerCache()
        large = layer("large", "rgb u8", 300, 210, bytes(range(210)) * 900)
        window = Window(self, large, upscalers=upscalers)
        window.preview.request(window.pictures, SETTINGS, Look(150, 105, 600, 420))
        window.wait(lambda: window.preview.progress > 0)
        window.preview.close()
        # The upscaler may still be busy for a moment; the job waits for it.
        host = FakeHost([photo()])
        Job(host, SETTINGS, upscalers).run()
        self.assertEqual(host.ended, "commit")
        with self.assertRaises(ValueError):
            window.request()

    def test_a_job_that_waits_for_its_turn_can_be_cancelled(self):
        upscalers = UpscalerCache()
        with upscalers.turn(lambda: False):
            job = Job(FakeHost([photo()]), SETTINGS, upscalers)
            job.start()
            job.cancel()
            with self.assertRaises(Cancelled):
                while not job.step(0.1):
                    pass

    def test_a_process_can_end_after_it_has_waited(self):
        program = """
from enlarger.frame import Look
from enlarger.host import Picture
from enlarger.preview import Preview
from enlarger.upscaler_cache import UpscalerCache
preview = Preview(UpscalerCache(), lambda picture, rect: bytes(i % 251 for i in range(3 * rect.width * rect.height)))
preview.request([Picture("large", 300, 210, "rgb u8")], {"threads": 1, "factor": 2}, Look(150, 105, 600, 420))
while preview.progress == 0 and preview.busy:
    preview.step(0.1)
preview.close()
assert preview.wait(600)
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_closing_keeps_the_upscaler_for_the_job(self):
        upscalers = UpscalerCache()
        window = Window(self, photo(), upscalers=upscalers)
        window.patch()
        upscaler = upscalers.upscaler(SETTINGS)
        window.patch(strength=50)
        window.preview.close()
        self.assertIs(upscalers.upscaler(SETTINGS), upscaler)

    def test_stopping_keeps_the_patch(self):
        window = Window(self, photo())
        patch = window.patch()
        window.request(strength=3)
        window.preview.stop()
        self.assertEqual((window.preview.busy, window.preview.patch), (False, patch))
        self.assertIsNotNone(window.patch(strength=4))


if __name__ == "__main__":
    unittest.main()
