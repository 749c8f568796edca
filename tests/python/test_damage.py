"""Damage of old photographs: found for a stream, a preview and a job."""

import unittest

import enlarger
from enlarger.frame import Look
from enlarger.job import Job
from enlarger.upscaler_cache import UpscalerCache
from fake_host import FakeHost, layer
from preview_window import Window

SIDE = 192
SCRATCH = range(90, 92)
# No network runs: repairs come before all else.
SETTINGS = {"method": "bicubic", "factor": 1, "scratches": 50}


def faded(scratched=True):
    """A faded gradient with a bright scratch, as gray u8."""
    return bytes(235 if scratched and x in SCRATCH else 70 + (x + y) // 4 for y in range(SIDE) for x in range(SIDE))


def worst(pixels):
    """The largest difference from the picture without a scratch."""
    return max(abs(a - b) for a, b in zip(bytes(pixels), faded(scratched=False)))


class Streams(unittest.TestCase):
    def setUp(self):
        self.upscaler = enlarger.Upscaler(method="bicubic")
        self.reads = 0

    def read(self, x, y, width):
        self.reads += 1
        return faded()[y * SIDE + x :][:width]

    def find(self, **options):
        self.reads = 0
        return self.upscaler.find_damage(self.read, SIDE, SIDE, "gray u8", factor=1, **options)

    def stream(self, **options):
        rows = []
        self.upscaler.stream(self.read, lambda y, row: rows.append(row), SIDE, SIDE, "gray u8", factor=1, **options)
        return b"".join(rows)

    def test_scratches(self):
        whole = bytes(self.upscaler.run(faded(), SIDE, SIDE, "gray u8", factor=1, scratches=50).data)
        self.assertLessEqual(worst(whole), 2)
        self.assertGreater(worst(self.stream(scratches=50)), 100)
        self.assertIn("was not examined", "".join(self.upscaler.notes))
        with self.find(scratches=50) as damage:
            self.assertEqual((self.reads, damage.width, damage.height), (SIDE, SIDE, SIDE))
            self.assertEqual(self.stream(scratches=50, damage=damage), whole)
            self.assertEqual(self.upscaler.notes, [])
            self.assertIsNone(self.find(scratches=50, damage=damage))
            self.assertEqual(self.reads, 0)
            mask = damage.mask()
            with self.assertRaises(enlarger.InvalidArgument):
                self.upscaler.plan(SIDE, SIDE - 1, factor=1, scratches=50, damage=damage)
        self.assertEqual(set(mask.data), {0, 255})
        self.assertTrue(all(mask.data[y * SIDE + SCRATCH[1]] for y in range(4, SIDE - 4)))
        for places in (mask, mask.data):
            self.assertEqual(self.stream(scratches=50, scratch_mask=places), whole)
        with self.assertRaises(enlarger.InvalidArgument):
            self.stream(scratches=50, damage=damage)

    def test_fading(self):
        whole = bytes(self.upscaler.run(faded(), SIDE, SIDE, "gray u8", factor=1, fading=100).data)
        self.assertLess(whole[0], 40)
        self.assertEqual(self.stream(fading=100, damage=self.find(fading=100)), whole)

    def test_nothing_is_read_in_vain(self):
        for options in ({}, {"scratches": 0, "fading": 0}, {"scratches": 50, "scratch_mask": bytes(SIDE * SIDE)}):
            self.assertIsNone(self.find(**options), options)
            self.assertEqual(self.reads, 0)

    def test_it_can_be_stopped(self):
        cancel = enlarger.Cancel()
        cancel.request()
        with self.assertRaises(enlarger.Cancelled):
            self.find(scratches=50, cancel=cancel)
        with self.assertRaises(ZeroDivisionError):
            self.upscaler.find_damage(lambda x, y, width: 1 // 0, SIDE, SIDE, "gray u8", factor=1, scratches=50)


class Hosts(unittest.TestCase):
    """A job and a preview repair what a run repairs."""

    def setUp(self):
        self.print = layer("print", "gray u8", SIDE, SIDE, faded())

    def test_a_job(self):
        host = FakeHost([self.print])
        Job(host, SETTINGS, UpscalerCache()).run()
        self.assertLessEqual(worst(host.document["print"]), 2)
        self.assertEqual(host.messages, [])

    def test_a_preview_examines_the_whole_picture_once(self):
        window = Window(self, self.print, upscalers=UpscalerCache())
        expected = faded(scratched=False)

        def patch(**changes):
            window.host.reads.clear()
            made = window.patch(Look(91, 60, 32, 32), **{**SETTINGS, **changes})
            whole = sum(rect.height for _, rect in window.host.reads if rect.width == SIDE)
            return made, whole // SIDE

        made, whole = patch()
        self.assertEqual(whole, 1)
        frame = made.frame
        repaired = [expected[y * SIDE + x] for y in range(frame.y, frame.y + 32) for x in range(frame.x, frame.x + 32)]
        self.assertLessEqual(max(abs(a - b) for a, b in zip(made.after[::4], repaired)), 2)
        # What is beside it shows the picture as it is.
        self.assertIn(235, made.before[::4])
        self.assertEqual(patch(strength=60)[1], 0)
        self.assertEqual(patch(scratches=60)[1], 1)
        self.assertEqual(patch(scratches=0)[1], 0)
        self.assertEqual(patch()[1], 0)
