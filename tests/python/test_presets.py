"""Presets: what they say of themselves, what they come to, and a look at the picture."""

import random
import unittest

import enlarger
from enlarger.job import Job
from enlarger.upscalers import Upscalers
from fake_host import FakeHost, layer
from support import HEIGHT, WIDTH, difference, pixels

NAMES = ["natural", "detail", "crisp", "clean", "illustration", "restore"]
SIDE = 64


def options(**chosen):
    return {option.key: option for option in enlarger.Registry().options(**chosen)}


def noisy(deviation):
    """A slope with noise, as rows of rgb u8."""
    numbers = random.Random(1)
    values = (90 + (x + y) // 2 + numbers.gauss(0, deviation) for y in range(SIDE) for x in range(SIDE) for _ in "rgb")
    return bytes(min(max(round(value), 0), 255) for value in values)


def upscaler(preset, **more):
    return enlarger.Upscaler(preset=preset, engine="rten", threads=1, **more)


class Presets(unittest.TestCase):
    def test_descriptions(self):
        preset = options()["preset"]
        self.assertEqual([value for value, _ in preset.choices][:6], NAMES)
        self.assertEqual((preset.default, preset.applies, preset.scope), ("natural", True, "upscaler"))
        self.assertTrue(all(help.count(".") >= 2 for help in preset.choice_help))
        self.assertEqual([options(preset=name)["factor"].default for name in NAMES], [4, 4, 2, 2, 4, 1])
        self.assertFalse(options(model="waifu2x-photo-x2")["preset"].applies)
        with self.assertRaises(enlarger.InvalidArgument):
            options(preset="best")

    def test_what_they_come_to(self):
        crisp = upscaler("crisp")
        self.assertEqual((crisp.preset, crisp.factor, crisp.model), ("crisp", 2.0, "waifu2x-photo-x2"))
        self.assertEqual(crisp.plan(10, 10, factor=4).passes, 2)
        self.assertEqual(crisp.model, "waifu2x-photo-x2, waifu2x-photo-x2")
        self.assertIn("srmdnf-x2", crisp.notes[0])
        named = enlarger.Upscaler(preset="crisp", model="realesr-general-x4v3", engine="rten")
        self.assertEqual((named.preset, named.factor, named.model), ("", 4.0, "realesr-general-x4v3"))
        self.assertEqual(upscaler("restore").plan(10, 7).width, 10)

    def test_strength(self):
        crisp, data = upscaler("crisp"), pixels("rgb u8")
        runs = [bytes(crisp.run(data, WIDTH, HEIGHT, "rgb u8", strength=s).data) for s in (0, 50, 100)]
        self.assertEqual(len(set(runs)), 3)
        self.assertEqual(difference(bytes(crisp.run(data, WIDTH, HEIGHT, "rgb u8").data), runs[2]), "")
        for wrong in (-1, 101):
            with self.assertRaises(enlarger.InvalidArgument):
                crisp.plan(10, 10, strength=wrong)

    def test_a_look_at_the_picture(self):
        def read(data):
            return lambda x, y, width: data[(y * SIDE + x) * 3 :][: width * 3]

        clean = upscaler("clean")
        looks = [clean.measure(read(noisy(sigma)), SIDE, SIDE, "rgb u8") for sigma in (0, 5, 15)]
        self.assertEqual(looks[0], 0)
        self.assertTrue(3 < looks[1] < 12 < looks[2] < 30, looks)
        self.assertIsNone(clean.measure(None, SIDE, SIDE, "rgb u8", denoise=7))
        self.assertIsNone(clean.measure(None, SIDE, SIDE, "rgb u8", strength=0))
        self.assertIsNone(clean.measure(None, SIDE, SIDE, "rgb u8", factor=0.5))
        self.assertIsNone(upscaler("natural").measure(None, SIDE, SIDE, "rgb u8"))
        with self.assertRaises(ZeroDivisionError):
            clean.measure(lambda x, y, width: 1 // 0, SIDE, SIDE, "rgb u8")
        cancel = enlarger.Cancel()
        cancel.request()
        with self.assertRaises(enlarger.Cancelled):
            clean.measure(read(noisy(5)), SIDE, SIDE, "rgb u8", cancel=cancel)

    def test_a_job_looks_first(self):
        """A run looks by itself; a job, which streams, must come to the same."""
        for sigma in (0, 15):
            data = noisy(sigma)
            host = FakeHost([layer("photo", "rgb u8", SIDE, SIDE, data)])
            Job(host, {"preset": "clean", "engine": "rten", "threads": 1, "factor": 2}).run()
            expected = bytes(upscaler("clean").run(data, SIDE, SIDE, "rgb u8", factor=2).data)
            self.assertEqual(difference(host.document["photo"], expected), "")
            self.assertFalse([text for text in host.messages if "measure" in text])
            # The clean one needs no network for noise, and none is wanted for it.
            self.assertEqual(any("srmd-x2" in text for text in host.messages), sigma > 0)

    def test_a_look_decides_on_what_is_read_and_learned(self):
        """Without a level the plan is for some noise, by a network that sees further than the one for none."""
        clean, learned = upscaler("clean"), []

        class Learning(Upscalers):
            def learn(self, upscaler, settings, plan, seconds):
                learned.append((upscaler.model, plan))
                super().learn(upscaler, settings, plan, 1.0)

        class Watched(FakeHost):
            """Of what it reads, what is read after the look."""

            def read(self, picture, rect):
                if rect.x > 0:
                    rows.append(rect.y + rect.height)
                return super().read(picture, rect)

        rect, rows = enlarger.Rect(300, 100, 40, 20), []
        # Two threads, so that nothing that another test has learned is known.
        settings = {"preset": "clean", "engine": "rten", "threads": 2, "factor": 2}
        before = clean.plan(400, 400, rect=rect, factor=2)
        upscalers = Learning()
        host = Watched([layer("photo", "rgb u8", 400, 400, bytes([90]) * (400 * 400 * 3), rect=rect)])
        Job(host, settings, upscalers).run()
        expected = clean.plan(400, 400, rect=rect, factor=2, denoise=0)
        self.assertEqual(learned, [("waifu2x-photo-x2", expected)])
        self.assertLess(expected.read.y + expected.read.height, before.read.y + before.read.height)
        self.assertEqual(max(rows), expected.read.y + expected.read.height)
        # What is known is that network's time, and nothing of the one that a plan without a level names.
        picture = host.layers[0][0]
        foreseen = [upscalers.seconds([upscalers.plan(picture, more)[0]], more) for more in ({**settings, "denoise": 0}, settings)]
        self.assertEqual(foreseen, [1.0, None])

    def test_a_stream_without_a_look_says_so(self):
        data, clean = noisy(15), upscaler("clean")
        clean.stream(lambda x, y, width: data[(y * SIDE + x) * 3 :][: width * 3], lambda y, row: None, SIDE, SIDE, "rgb u8")
        self.assertIn("not analysed for noise", clean.notes[-1])


if __name__ == "__main__":
    unittest.main()
