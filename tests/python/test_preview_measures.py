"""What the preview measures in a picture: its noise level, and what advice is about."""

import random
import unittest
from dataclasses import replace

from enlarger import Rect
from enlarger.frame import Look
from enlarger.upscaler_cache import UpscalerCache
from fake_host import layer
from preview_window import LEVEL, Window, cut, final
from support import pixels


class Noise(unittest.TestCase):
    """The level is that of the whole picture, not of the patch, which has no noise."""

    SIDE = 64

    def setUp(self):
        numbers = random.Random(1)
        data = bytes(
            min(max(round(90 + (x + y) // 2 + (0 if x < 12 and y < 12 else numbers.gauss(0, 14))), 0), 255)
            for y in range(self.SIDE)
            for x in range(self.SIDE)
            for _ in "rgb"
        )
        self.photo = layer("noisy", "rgb u8", self.SIDE, self.SIDE, data)
        self.look = Look(0, 0, 16, 16)
        self.window = Window(self, self.photo, upscalers=UpscalerCache())

    def rows_read(self):
        rows, self.window.host.reads = [rect for _, rect in self.window.host.reads], []
        return sum(rect.width * rect.height for rect in rows)

    def test_it_is_measured_once(self):
        patch = self.window.patch(self.look, preset="clean")
        self.assertGreater(patch.level, 5)
        self.assertGreaterEqual(self.rows_read(), self.SIDE**2)
        made, width = final(*self.photo, preset="clean")
        worst = max(abs(a - b / 255) for a, b in zip(cut(made, width, patch.frame, 4), patch.after))
        self.assertLessEqual(worst, LEVEL)
        for change in ({"strength": 60}, {"factor": 3}):
            self.assertEqual(self.window.patch(self.look, preset="clean", **change).level, patch.level)
            self.assertLess(self.rows_read(), self.SIDE**2)

    def test_it_is_not_used_where_none_is_needed(self):
        self.window.patch(self.look, preset="clean")
        for change in ({"preset": "natural"}, {"preset": "clean", "denoise": 3}, {"preset": "clean", "strength": 0}):
            self.assertIsNone(self.window.patch(self.look, **change).level)

    def test_it_belongs_to_the_pixels(self):
        """The same name, size and place in the list: only the identity tells two layers apart."""
        flat = bytes(3 * self.SIDE**2)
        noisy, smooth = (
            layer("layer", "rgb u8", self.SIDE, self.SIDE, data, key=0, identity=identity)
            for identity, data in (("noisy", self.photo[1]), ("flat", flat))
        )
        window = Window(self, noisy)
        high = window.patch(self.look, preset="clean").level
        window.host.layers, window.pictures = [smooth], [smooth[0]]
        self.assertLess(window.patch(self.look, preset="clean").level, high)


class Advised(unittest.TestCase):
    """Advice comes after the patch, is looked for once for each question, and never stands in the way."""

    SIDE = 128

    def setUp(self):
        numbers = random.Random(2)
        data = bytes(
            min(max(round(90 + (x + y) // 4 + numbers.gauss(0, 14)), 0), 255)
            for y in range(self.SIDE)
            for x in range(self.SIDE)
            for _ in "rgb"
        )
        self.photo = layer("noisy", "rgb u8", self.SIDE, self.SIDE, data)
        self.window = Window(self, self.photo, upscalers=UpscalerCache())
        self.preview, self.reads = self.window.preview, self.window.host.reads

    def whole_reads(self):
        """How often the whole picture was read since the last call."""
        rows = sum(rect.height for _, rect in self.reads if rect.width == self.SIDE)
        self.reads.clear()
        return rows / self.SIDE

    def advice(self, **settings):
        """The advice that comes for these settings. Nothing else says that it has come."""
        self.preview.advice = None
        self.window.request(Look(0, 0, 16, 16), advise=True, **settings)
        self.window.wait(lambda: self.preview.advice is not None)
        return [(advice.code, advice.option) for advice in self.preview.advice]

    def test_it_follows_the_settings_and_is_looked_for_once(self):
        noisy = [("noisy", ("preset", "clean"))]
        self.assertEqual(self.advice(), noisy)
        self.assertIsNotNone(self.preview.patch)
        self.assertEqual(self.whole_reads(), 1)
        self.assertEqual(self.advice(strength=60), noisy)
        self.assertEqual(self.whole_reads(), 0)
        # Clean removes the noise itself, and a method reads nothing.
        self.assertEqual(self.advice(preset="clean", denoise=20), [])
        self.assertEqual(self.whole_reads(), 1)
        self.assertEqual(self.advice(method="bicubic"), [])
        self.assertEqual(self.advice(), noisy)
        self.assertEqual(self.whole_reads(), 0)

    def test_of_a_part(self):
        side, data = self.SIDE, self.photo[1]
        # Without noise on the left.
        smooth = bytes(value for x in range(side) for value in (60 + x, 80, 70))
        rows = [smooth + data[3 * y * side : 3 * (y + 1) * side] for y in range(side)]
        picture, pixels = layer("wide", "rgb u8", 2 * side, side, b"".join(rows))
        for left, codes in ((0, []), (side, ["noisy"])):
            rect = Rect(left, 0, side, side)
            window = Window(self, (replace(picture, rect=rect), pixels), upscalers=UpscalerCache())
            window.preview.advice = None
            window.request(Look(left + 60, 60, 16, 16), advise=True)
            window.wait(lambda: window.preview.advice is not None)
            self.assertEqual([advice.code for advice in window.preview.advice], codes, rect)

    def test_without_it(self):
        self.advice()
        self.window.patch()
        self.assertEqual(self.preview.advice, [])

    def test_a_failure_of_the_look_is_no_failure_of_the_preview(self):
        def read(picture, rect):
            if rect.width == self.SIDE:
                raise RuntimeError("too much")
            return self.window.host.read(picture, rect)

        window = Window(self, self.photo, read=read)
        window.preview.advice = None
        window.request(Look(0, 0, 16, 16), advise=True)
        window.wait(lambda: window.preview.advice is not None)
        self.assertEqual((window.preview.advice, window.preview.problem), ([], None))


if __name__ == "__main__":
    unittest.main()
