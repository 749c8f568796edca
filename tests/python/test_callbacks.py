"""Callbacks: progress reports, and exceptions that pass through the library unchanged."""

import gc
import os
import signal
import threading
import time
import traceback
import unittest
import weakref

import enlarger
from enlarger.progress import TimeLeft
from support import HEIGHT, WIDTH, pixels, upscaler

DATA = pixels("rgb u8")


# A run takes more than five seconds of processor time unless it is stopped.
SIDE = 600
LARGE = bytes(3 * SIDE * SIDE)


class Odd(BaseException):
    """An exception that `except Exception` does not see."""


def read(x, y, width):
    return DATA[(y * WIDTH + x) * 3 : (y * WIDTH + x + width) * 3]


def run(progress=None, **wanted):
    return upscaler().run(DATA, WIDTH, HEIGHT, "rgb u8", progress=progress, **wanted)


class Reports(unittest.TestCase):
    def test_reports_never_go_backwards_and_end_at_the_end(self):
        reports = []
        run(reports.append, tile=24)
        self.assertGreater(len(reports), 5)
        last = reports[-1]
        self.assertEqual(last.fraction, 1.0)
        self.assertEqual((last.tiles_done, last.rows_done, last.rows_total), (last.tiles_total, 160, 160))
        phases = ["prepare", "tiles", "finish"]
        for before, after in zip(reports, reports[1:]):
            self.assertLessEqual(before.fraction, after.fraction)
            self.assertLessEqual(phases.index(before.phase), phases.index(after.phase))
        self.assertEqual({report.phase for report in reports}, set(phases))
        self.assertGreater(len({report.fraction for report in reports}), 5)

    def test_without_a_network_rows_count(self):
        reports = []
        run(reports.append, factor=0.5)
        self.assertEqual({report.tiles_total for report in reports}, {0})
        self.assertEqual(reports[-1].fraction, 1.0)
        self.assertLess(reports[0].fraction, 1.0)

    def test_reports_come_on_the_calling_thread_and_never_after_the_run(self):
        threads = []
        run(lambda _: threads.append(threading.get_ident()))
        count = len(threads)
        self.assertEqual(set(threads), {threading.get_ident()})
        run()
        self.assertEqual(len(threads), count)

    def test_only_false_stops_the_run(self):
        for answer in (None, True, 0, 1, "no", []):
            self.assertEqual(run(lambda _: answer, factor=0.5).width, 24)
        with self.assertRaises(enlarger.Cancelled) as caught:
            run(lambda _: False)
        self.assertEqual(caught.exception.name, "ENL_CANCELLED")

    def test_time_left(self):
        now = [100.0]
        left = TimeLeft(lambda: now[0])

        def at(seconds, fraction):
            now[0] = 100.0 + seconds
            return left.update(fraction)

        # Preparation says nothing about the speed.
        self.assertIsNone(at(0, 0.0))
        self.assertIsNone(at(30, 0.0))
        self.assertIsNone(at(31, 0.1))
        self.assertIsNone(at(31.2, 0.15))
        # 0.2 of the whole took two seconds, so the other 0.7 take seven.
        self.assertAlmostEqual(at(33, 0.3), 7.0)
        # It decreases while nothing is reported, and does not become negative.
        self.assertAlmostEqual(at(35, 0.3), 5.0)
        self.assertEqual(at(90, 0.3), 0.0)
        self.assertAlmostEqual(at(91, 1.0), 0.0)

    def test_a_run_reports_the_time_left(self):
        reports = []
        upscaler().run(bytes(3 * 96 * 96), 96, 96, "rgb u8", tile=24, progress=reports.append)
        times = [report.seconds_left for report in reports if report.seconds_left is not None]
        self.assertGreater(len(times), 3)
        self.assertGreater(times[0], 0)
        self.assertLess(times[-1], max(times))
        self.assertIsNone(reports[0].seconds_left)


class Exceptions(unittest.TestCase):
    def check(self, call, exception):
        """The same exception object is raised, and the upscaler works afterwards."""
        with self.assertRaises(type(exception)) as caught:
            call()
        self.assertIs(caught.exception, exception)
        self.assertEqual(run(factor=0.5).width, 24)

    def test_in_progress(self):
        for exception in (ZeroDivisionError("x"), Odd(), KeyboardInterrupt(), SystemExit(3), enlarger.Busy("x")):
            calls = []

            def progress(_, exception=exception, calls=calls):
                calls.append(1)
                raise exception

            with self.subTest(type(exception)):
                self.check(lambda: run(progress), exception)
                self.assertEqual(len(calls), 1)

    def test_in_read(self):
        for row in (0, 13, HEIGHT - 1):
            for exception in (OSError("x"), KeyboardInterrupt()):

                def fail(x, y, width, row=row, exception=exception):
                    if y == row:
                        raise exception
                    return read(x, y, width)

                with self.subTest(row=row, kind=type(exception)):
                    call = lambda: upscaler().stream(fail, lambda *_: None, WIDTH, HEIGHT, "rgb u8")  # noqa: E731
                    self.check(call, exception)

    def test_in_write(self):
        for row in (0, 77, 4 * HEIGHT - 1):
            for exception in (OSError("x"), KeyboardInterrupt()):

                def fail(y, _, row=row, exception=exception):
                    if y == row:
                        raise exception

                with self.subTest(row=row, kind=type(exception)):
                    call = lambda: upscaler().stream(read, fail, WIDTH, HEIGHT, "rgb u8")  # noqa: E731
                    self.check(call, exception)

    def test_the_run_stops_at_once(self):
        def fail(*_):
            raise Odd

        def blank(x, y, width):
            return bytes(3 * width)

        def late(x, y, width):
            return blank(x, y, width) if y < 100 else fail()

        for call in (
            lambda: upscaler().run(LARGE, SIDE, SIDE, "rgb u8", progress=fail),
            lambda: upscaler().stream(fail, print, SIDE, SIDE, "rgb u8"),
            lambda: upscaler().stream(late, lambda *_: None, SIDE, SIDE, "rgb u8"),
            # Small tiles, because the first row is written when the first of them are done.
            lambda: upscaler().stream(blank, fail, 40, 8000, "rgb u8", tile=64),
        ):
            # Processor time, because other programs may run beside the test.
            started = time.process_time()
            with self.assertRaises(Odd):
                call()
            self.assertLess(time.process_time() - started, 3)

    def test_the_first_exception_is_raised(self):
        first = ValueError("first")

        def fail(x, y, width):
            raise first

        def progress(_):
            if later:
                raise ValueError("later")

        later = [1]
        with self.assertRaises(ValueError) as caught:
            upscaler().stream(fail, lambda *_: None, WIDTH, HEIGHT, "rgb u8", progress=progress)
        self.assertEqual(str(caught.exception), "later")
        later.clear()
        with self.assertRaises(ValueError) as caught:
            upscaler().stream(fail, lambda *_: None, WIDTH, HEIGHT, "rgb u8", progress=progress)
        self.assertIs(caught.exception, first)

    def test_the_traceback_shows_the_callback(self):
        def progress(_):
            raise LookupError("here")

        try:
            run(progress)
        except LookupError as error:
            frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        self.assertEqual(frames[-1], "progress")

    def test_callbacks_are_released_afterwards(self):
        class Listener:
            def __call__(self, _):
                pass

        listener = Listener()
        gone = weakref.ref(listener)
        run(listener, factor=0.5)
        del listener
        gc.collect()
        self.assertIsNone(gone())

    def test_callbacks_live_during_the_run(self):
        seen = []

        def progress(_):
            gc.collect()
            seen.append(1)

        # There is no other reference to these functions.
        upscaler().stream(
            lambda x, y, width: read(x, y, width),
            lambda y, row: gc.collect() and None,
            WIDTH,
            HEIGHT,
            "rgb u8",
            factor=0.5,
            progress=progress,
        )
        self.assertTrue(seen)


class Interrupts(unittest.TestCase):
    """Ctrl-C as a user presses it: a signal while the main thread is inside the library."""

    def setUp(self):
        # A shell starts background processes with this signal ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, before)

    def interrupted(self, **wanted):
        one = upscaler()
        timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        started = time.process_time()
        try:
            one.run(LARGE, SIDE, SIDE, "rgb u8", **wanted)
        finally:
            timer.join()
            self.assertLess(time.process_time() - started, 3)

    def test_without_a_callback(self):
        with self.assertRaises(KeyboardInterrupt):
            self.interrupted()
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)
        self.assertEqual(run(factor=0.5).width, 24)

    def test_with_a_callback(self):
        reports = []
        with self.assertRaises(KeyboardInterrupt):
            self.interrupted(progress=reports.append)
        self.assertTrue(reports)
        self.assertLess(reports[-1].fraction, 0.9)

    def test_the_programs_own_handler_is_called(self):
        own = Odd()
        seen = []

        def handler(number, _):
            seen.append(number)
            raise own

        before = signal.signal(signal.SIGINT, handler)
        try:
            with self.assertRaises(Odd) as caught:
                self.interrupted()
            self.assertIs(caught.exception, own)
            self.assertEqual(seen, [signal.SIGINT])
            self.assertIs(signal.getsignal(signal.SIGINT), handler)
        finally:
            signal.signal(signal.SIGINT, before)

    def test_a_handler_that_does_not_raise_stops_nothing(self):
        seen = []
        before = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
        try:
            data = bytes(3 * 120 * 120)
            timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
            timer.start()
            image = upscaler().run(data, 120, 120, "rgb u8")
            timer.join()
        finally:
            signal.signal(signal.SIGINT, before)
        self.assertEqual((image.width, seen), (480, [1]))


if __name__ == "__main__":
    unittest.main()
