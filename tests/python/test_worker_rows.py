"""Rows to and from a worker go in batches; the callbacks see what they would see without one."""

import threading
import unittest

import enlarger
from worker_case import SIDE, Case

# A batch has 54 such rows of the source, and 27 of the result.
ROW = bytes(x * 7 & 255 for x in range(3 * SIDE))
FACTOR = 2


class Seen:
    """Callbacks that note what is called, and stop the run where they are told to."""

    def __init__(self, **stop):
        self.stop = stop
        self.calls = {"read": [], "write": [], "progress": []}
        self.order = []
        self.threads = set()

    def _see(self, what, number):
        self.calls[what].append(number)
        self.order.append((what, number))
        self.threads.add(threading.get_ident())
        return number != self.stop.get(what)

    def read(self, x, y, width):
        if not self._see("read", y):
            raise ValueError("this row cannot be read")
        return ROW[3 * x : 3 * (x + width)]

    def write(self, y, row):
        return self._see("write", y)

    def progress(self, progress):
        return self._see("progress", progress.rows_done)

    def stream(self, **wanted):
        one = enlarger.Upscaler(method="nearest")
        return one.stream(self.read, self.write, SIDE, SIDE, "rgb u8", factor=FACTOR, progress=self.progress, **wanted)


class Rows(Case):
    def test_every_row_comes_once_and_in_order_on_the_thread_of_the_call(self):
        seen = Seen()
        seen.stream()
        self.assertEqual(seen.calls["read"], list(range(SIDE)))
        self.assertEqual(seen.calls["write"], list(range(FACTOR * SIDE)))
        self.assertEqual(seen.threads, {threading.get_ident()})

    def test_progress_counts_rows_that_were_written(self):
        seen = Seen()
        seen.stream()
        written = 0
        for what, number in seen.order:
            if what == "write":
                written += 1
            elif what == "progress":
                self.assertLessEqual(number, written)
        self.assertGreater(len(seen.calls["progress"]), 10)

    def test_no_row_is_read_that_the_part_does_not_need(self):
        # From the top and as wide as the picture: nothing but the rectangle says that rows below are not wanted.
        seen = Seen()
        seen.stream(rect=(0, 0, SIDE, 10))
        self.assertEqual(seen.calls["read"], list(range(10)))
        self.assertEqual(seen.calls["write"], list(range(20)))

    def test_nothing_is_called_after_a_callback_has_stopped_the_run(self):
        last = FACTOR * SIDE - 1
        for what, number in [("read", 0), ("read", 70), ("read", SIDE - 1), ("write", 0), ("write", 40), ("write", last), ("progress", 64)]:
            with self.subTest(what=what, number=number):
                seen = Seen(**{what: number})
                with self.assertRaises(ValueError if what == "read" else enlarger.Cancelled):
                    seen.stream()
                self.assertEqual(seen.order[-1], (what, number))
        self.works()

    def test_callbacks_may_call_the_library(self):
        for what in ("read", "write", "progress"):
            refused = []

            class Calling(Seen):
                def _see(self, called, number, what=what, refused=refused):
                    if called == what:
                        enlarger.Registry().close()
                        with self.assertRaises(enlarger.Busy):
                            self.one.plan(5, 5)
                        refused.append(number)
                    return super()._see(called, number)

            seen = Calling()
            seen.assertRaises, seen.one = self.assertRaises, enlarger.Upscaler(method="nearest")
            with self.subTest(what=what):
                seen.one.stream(seen.read, seen.write, SIDE, 60, "rgb u8", factor=FACTOR, progress=seen.progress)
                self.assertEqual(refused, seen.calls[what])
                self.assertTrue(refused)

    def test_a_run_that_fails_has_delivered_what_it_made(self):
        cancel = enlarger.Cancel()
        seen = Seen()
        write = seen.write

        def cancelling(y, row):
            if y == 100:
                cancel.request()
            return write(y, row)

        seen.write = cancelling
        with self.assertRaises(enlarger.Cancelled):
            seen.stream(cancel=cancel)
        self.assertEqual(seen.calls["write"], list(range(len(seen.calls["write"]))))
        self.assertGreater(len(seen.calls["write"]), 100)
        self.assertLess(len(seen.calls["write"]), FACTOR * SIDE)
        self.works()


if __name__ == "__main__":
    unittest.main()
