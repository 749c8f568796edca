"""What is not the protocol, in both directions, and programs that are no worker or of another version."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

import enlarger
from enlarger import _abi, _load
from enlarger._worker import worker
from enlarger._worker.library import Library
from worker_case import LIBRARY, PROGRAM, Case, gone, library, upscaler


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
        frames = worker.frames
        for protocol, interface, words in [
            (7, _abi.ENL_ABI_VERSION, "version 7 of the protocol"),
            (frames.PROTOCOL, 7, "version 7 of the interface"),
        ]:
            greeting = frames.GREETING + frames.U32.pack(protocol) + frames.U32.pack(interface) + b"\n"
            done = subprocess.run([PROGRAM, LIBRARY], input=greeting, capture_output=True, timeout=30)
            self.assertIn(words, done.stderr.decode())
            self.assertEqual((done.returncode, done.stdout), (3, b""))
        with mock.patch.object(frames, "PROTOCOL", 7), self.assertRaisesRegex(enlarger.LoadError, "version 7 of the protocol"):
            Library(PROGRAM, LIBRARY)
        types = {**_abi.TYPES, "enl_cancel_new": "int32_t, double"}
        with mock.patch.object(_abi, "TYPES", types), self.assertRaisesRegex(enlarger.LoadError, "another enl_cancel_new"):
            Library(PROGRAM, LIBRARY)


if __name__ == "__main__":
    unittest.main()
