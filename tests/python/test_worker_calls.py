"""Calls of the library in a worker: nothing is different but where they are done. The other tests run over both ways, as ENLARGER_WAY
says.
"""

import contextlib
import ctypes
import gc
import mmap
import os
import unittest
from unittest import mock

import enlarger
from enlarger import _abi
from enlarger._worker import memory
from support import HEIGHT, WIDTH, difference
from worker_case import DATA, LARGE, SIDE, Case, library, run, upscaler


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


if __name__ == "__main__":
    unittest.main()
