"""Threads: cancel, the GIL, several upscalers, one upscaler used twice, and memory over many uses."""

import gc
import threading
import time
import unittest

import enlarger
from support import HEIGHT, WIDTH, difference, pixels, upscaler

DATA = pixels("rgb u8")
# Large enough that no engine is done before the run is stopped.
SIDE = 1600
LARGE = bytes(3 * SIDE * SIDE)


def start(function):
    """Runs a function on a thread; its result or exception, and then the time of its end, are added to the list."""
    ends = []

    def work():
        try:
            ends.append(function())
        except BaseException as error:
            ends.append(error)
        ends.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    return thread, ends


class Cancel(unittest.TestCase):
    def test_from_another_thread_within_half_a_second(self):
        for engine in ("rten", None):
            one = enlarger.Upscaler(engine=engine)
            took = []
            for wait in (0.0, 0.2, 0.4, 0.6, 0.9):
                cancel, running = enlarger.Cancel(), threading.Event()
                thread, ends = start(
                    lambda: one.run(LARGE, SIDE, SIDE, "rgb u8", cancel=cancel, progress=lambda _: running.set())
                )
                self.assertTrue(running.wait(10))
                time.sleep(wait)
                self.assertFalse(cancel.requested)
                asked = time.monotonic()
                cancel.request()
                thread.join()
                self.assertIsInstance(ends[0], enlarger.Cancelled)
                took.append(ends[1] - asked)
                self.assertTrue(cancel.requested)
            # One of five, because other programs may take the processor for a while. The whole picture takes much longer than the other limit.
            self.assertLess(min(took), 0.5, f"{engine}: {took}")
            self.assertLess(max(took), 5, f"{engine}: {took}")

    def test_before_the_run(self):
        cancel = enlarger.Cancel()
        cancel.request()
        cancel.request()
        for _ in range(2):
            with self.assertRaises(enlarger.Cancelled):
                upscaler().run(DATA, WIDTH, HEIGHT, "rgb u8", cancel=cancel)

    def test_from_a_callback(self):
        cancel = enlarger.Cancel()
        with self.assertRaises(enlarger.Cancelled):
            upscaler().run(DATA, WIDTH, HEIGHT, "rgb u8", cancel=cancel, progress=lambda _: cancel.request())

    def test_a_token_without_a_request_stops_nothing(self):
        with enlarger.Cancel() as cancel:
            image = upscaler().run(DATA, WIDTH, HEIGHT, "rgb u8", factor=0.5, cancel=cancel)
            self.assertFalse(cancel.requested)
        self.assertEqual(image.width, WIDTH // 2)


class Threads(unittest.TestCase):
    def test_other_threads_continue_during_a_run(self):
        from enlarger import _abi
        from enlarger._load import load
        from enlarger.pixels import view

        def steps(over):
            """Counts steps of this thread until over() is true."""
            count = 0
            while not over():
                count += 1
            return count

        # One thread for the network leaves a processor for this thread, or a part of one on a busy machine.
        one = enlarger.Upscaler(engine="rten", threads=1)
        side = 150
        out = bytearray(48 * side * side)
        started = time.monotonic()
        alone = steps(lambda: time.monotonic() > started + 0.5) / 0.5
        with view(bytes(3 * side * side), side, side, "rgb u8") as source:
            with view(out, 4 * side, 4 * side, "rgb u8", writable=True) as target:
                # Without a callback, because it would release the GIL for a moment.
                no_callback = _abi.enl_progress_callback()
                # Measured from here, because start() does not return while another thread holds the GIL.
                started = time.monotonic()
                thread, ends = start(
                    lambda: load().enl_upscaler_run(one._handle, None, source, None, None, no_callback, None, target)
                )
                beside = steps(lambda: ends) / (time.monotonic() - started)
                thread.join()
        self.assertEqual(ends[0], _abi.ENL_OK)
        self.assertGreater(beside, alone * 0.02)

    def test_two_upscalers_on_two_threads(self):
        plain = upscaler().run(DATA, WIDTH, HEIGHT, "rgb u8").data
        ones = [enlarger.Upscaler(engine="rten", threads=1) for _ in range(2)]
        started = threading.Barrier(2)

        def work(one):
            started.wait()
            return [one.run(DATA, WIDTH, HEIGHT, "rgb u8").data for _ in range(5)]

        threads = [start(lambda one=one: work(one)) for one in ones]
        for thread, ends in threads:
            thread.join()
            self.assertEqual([data == plain for data in ends[0]], [True] * 5)

    def test_one_upscaler_twice_is_busy(self):
        problems = []

        def again(_):
            for call in (
                lambda: upscaler().run(DATA, WIDTH, HEIGHT, "rgb u8"),
                lambda: upscaler().plan(1, 1),
                lambda: upscaler().notes,
            ):
                try:
                    call()
                except enlarger.Error as error:
                    problems.append(error)

        image = upscaler().run(DATA, WIDTH, HEIGHT, "rgb u8", progress=again)
        self.assertEqual(image.width, 4 * WIDTH)
        self.assertEqual({(type(error), error.name) for error in problems}, {(enlarger.Busy, "ENL_ERROR_BUSY")})
        self.assertEqual(len(problems) % 3, 0)
        self.assertIn("in use", str(problems[0]))

    def test_busy_from_another_thread(self):
        cancel, running = enlarger.Cancel(), threading.Event()
        thread, ends = start(
            lambda: upscaler().run(LARGE, SIDE, SIDE, "rgb u8", cancel=cancel, progress=lambda _: running.set())
        )
        self.assertTrue(running.wait(10))
        with self.assertRaises(enlarger.Busy):
            upscaler().run(DATA, WIDTH, HEIGHT, "rgb u8")
        cancel.request()
        thread.join()
        self.assertIsInstance(ends[0], enlarger.Cancelled)

    def test_closed_while_it_runs(self):
        one = enlarger.Upscaler(engine="rten")
        image = one.run(DATA, WIDTH, HEIGHT, "rgb u8", progress=lambda _: one.close())
        self.assertEqual(difference(image.data, upscaler().run(DATA, WIDTH, HEIGHT, "rgb u8").data), "")
        with self.assertRaises(enlarger.Error):
            one.plan(1, 1)

    def test_error_messages_belong_to_their_thread(self):
        def fail(name):
            for _ in range(50):
                try:
                    enlarger.Upscaler(model=name)
                except enlarger.ModelError as error:
                    if name not in str(error):
                        return str(error)
            return None

        threads = [start(lambda name=f"model-{i}": fail(name)) for i in range(4)]
        for thread, ends in threads:
            thread.join()
            self.assertIsNone(ends[0])


def resident():
    """The bytes of memory that this process uses."""
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


class Memory(unittest.TestCase):
    def grows(self, act, times=200):
        """By how many bytes the process grows when it acts so many times, after some to warm up.

        A leak grows in each quarter of the times; what another test left running in the background does not.
        """
        for _ in range(times // 10):
            act()
        sizes = [resident()]
        for _ in range(4):
            for _ in range(times // 4):
                act()
            sizes.append(resident())
        return 4 * min(after - before for before, after in zip(sizes, sizes[1:]))

    def test_made_and_freed_200_times(self):
        one = enlarger.Upscaler(engine="rten", threads=1)
        profile = bytes(1 << 20)

        def use():
            registry = enlarger.Registry()
            registry.options()
            cancel = enlarger.Cancel()
            one.plan(WIDTH, HEIGHT, options={"icc_profile": profile})
            # One object is closed, the others are left to the garbage collector.
            cancel.close()

        self.assertLess(self.grows(use), 16 << 20)

    def test_upscalers_made_and_freed(self):
        # Each has a network of five megabytes.
        self.assertLess(self.grows(lambda: enlarger.Upscaler(engine="rten", threads=1), 32), 32 << 20)

    def test_run_200_times(self):
        one = enlarger.Upscaler(engine="rten", threads=1)
        data = bytes(3 * 300 * 300)

        def use():
            one.run(data, 300, 300, "rgb u8", factor=0.9, progress=lambda _: None)

        self.assertLess(self.grows(use), 16 << 20)

    def test_failed_200_times(self):
        data = bytearray(100_000)

        def use():
            for wrong in ({"format": "rgb u8"}, {"format": "rgb u9"}):
                try:
                    upscaler().run(data, 200, 200, icc_profile=bytes(1 << 16), **wrong)
                except enlarger.InvalidArgument:
                    pass

        self.assertLess(self.grows(use), 16 << 20)

    def test_closing(self):
        one = enlarger.Cancel()
        one.close()
        one.close()
        with enlarger.Upscaler(engine="rten") as other:
            self.assertEqual(other.scale, 4)
        with self.assertRaises(enlarger.InvalidArgument):
            other.plan(1, 1)

    def test_freed_without_a_reference(self):
        from enlarger._load import load

        one = enlarger.Cancel()
        value = one._handle
        self.assertEqual(load().enl_cancel_request(value), 0)
        del one
        gc.collect()
        self.assertEqual(load().enl_cancel_request(value), -6)


if __name__ == "__main__":
    unittest.main()
