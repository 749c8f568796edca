"""Presets: their descriptions, the models that they use, and the analysis of the picture."""

import os
import random
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

import enlarger
from enlarger.job import Job
from enlarger.upscaler_cache import UpscalerCache
from fake_host import FakeHost, layer
from support import HEIGHT, WIDTH, difference, pixels

NAMES = ["natural", "portrait", "detail", "crisp", "clean", "illustration", "restore", "old-photo", "precise", "creative"]
SIDE = 64
# Advice needs a picture that is not tiny.
ADVISED = 140


def options(**chosen):
    return {option.key: option for option in enlarger.Registry().options(**chosen)}


def noisy(deviation, side=SIDE):
    """A gradient with noise, as rows of rgb u8."""
    numbers = random.Random(1)
    values = (90 + (x + y) // 2 + numbers.gauss(0, deviation) for y in range(side) for x in range(side) for _ in "rgb")
    return bytes(min(max(round(value), 0), 255) for value in values)


def upscaler(preset, **more):
    return enlarger.Upscaler(preset=preset, engine="rten", threads=1, **more)


# A preset whose network for noise has a larger halo than the one without.
LEVELS = """
schema = 1
[[preset]]
id = "levels"
name = "Levels"
purpose = "For tests."
weakness = "None."
factor = 2
networks = [
    { models = ["realesr-general-x4v3"], denoise = [1, 100] },
    { models = ["waifu2x-photo-x2"], denoise = [0, 0] },
]
"""


class Presets(unittest.TestCase):
    def test_descriptions(self):
        preset = options()["preset"]
        self.assertEqual([value for value, _ in preset.choices][: len(NAMES)], NAMES)
        self.assertEqual((preset.default, preset.applies, preset.scope), ("natural", True, "upscaler"))
        self.assertTrue(all(help.count(".") >= 2 for help in preset.choice_help))
        self.assertEqual([options(preset=name)["factor"].default for name in NAMES], [4, 4, 4, 2, 2, 4, 1, 1, 2, 4])
        self.assertFalse(options(model="waifu2x-photo-x2")["preset"].applies)
        with self.assertRaises(enlarger.InvalidArgument):
            options(preset="best")

    def test_the_models_and_factors_of_presets(self):
        crisp = upscaler("crisp")
        self.assertEqual((crisp.preset, crisp.factor, crisp.model), ("crisp", 2.0, "waifu2x-photo-x2"))
        self.assertEqual(crisp.plan(10, 10, factor=4).passes, 2)
        self.assertEqual(crisp.model, "waifu2x-photo-x2, waifu2x-photo-x2")
        self.assertEqual(crisp.notes, [])
        self.assertIn("realesrgan-x4plus", upscaler("detail").notes[0])
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

    def test_measure(self):
        def read(data):
            return lambda x, y, width: data[(y * SIDE + x) * 3 :][: width * 3]

        clean = upscaler("clean")
        levels = [clean.measure(read(noisy(sigma)), SIDE, SIDE, "rgb u8") for sigma in (0, 5, 15)]
        self.assertEqual(levels[0], 0)
        self.assertTrue(3 < levels[1] < 12 < levels[2] < 30, levels)
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

    def test_measure_content(self):
        def read(data):
            return lambda x, y, width: data[(y * SIDE + x) * 3 :][: width * 3]

        creative = upscaler("creative")
        drawn = bytes(v for y in range(SIDE) for x in range(SIDE) for v in ((200, 30, 90) if (x // 20 + y // 20) % 2 else (20, 120, 210)))
        found = [creative.measure_content(read(data), SIDE, SIDE, "rgb u8") for data in (noisy(5), drawn)]
        self.assertEqual(found, ["photo", "drawing"])
        for unused in ({"content": "generated"}, {"creativity": 0}, {"strength": 0}, {"factor": 0.5}):
            self.assertIsNone(creative.measure_content(None, SIDE, SIDE, "rgb u8", **unused), unused)
        self.assertIsNone(upscaler("natural").measure_content(None, SIDE, SIDE, "rgb u8"))

    def test_advise(self):
        def read(data):
            return lambda x, y, width: data[(y * ADVISED + x) * 3 :][: width * 3]

        natural = upscaler("natural")
        even, rough = (noisy(sigma, ADVISED) for sigma in (0, 15))
        self.assertEqual(natural.advise(read(even), ADVISED, ADVISED, "rgb u8"), [])
        (found,) = natural.advise(read(rough), ADVISED, ADVISED, "rgb u8")
        self.assertEqual((found.code, found.option), ("noisy", ("preset", "clean")))
        self.assertTrue(5 < found.value < 20, found)
        level = upscaler("clean").measure(read(rough), ADVISED, ADVISED, "rgb u8")
        self.assertIn(f"noise level {level} ", found.action)
        self.assertEqual(upscaler("clean").advise(read(rough), ADVISED, ADVISED, "rgb u8"), [])
        small = natural.advise(read(even), 60, 50, "rgb u8", factor=4)
        self.assertEqual([(each.code, each.value, each.option) for each in small], [("small", 60.0, ("factor", "2"))])
        self.assertEqual(enlarger.Upscaler(method="lanczos").advise(None, 60, 50, "rgb u8"), [])
        with self.assertRaises(ZeroDivisionError):
            natural.advise(lambda x, y, width: 1 // 0, ADVISED, ADVISED, "rgb u8")
        cancel = enlarger.Cancel()
        cancel.request()
        with self.assertRaises(enlarger.Cancelled):
            natural.advise(read(even), ADVISED, ADVISED, "rgb u8", cancel=cancel)

    def test_a_job_measures_first(self):
        """run() measures by itself; a job, which streams, must give the same result."""
        for sigma in (0, 15):
            data = noisy(sigma)
            host = FakeHost([layer("photo", "rgb u8", SIDE, SIDE, data)])
            Job(host, {"preset": "clean", "engine": "rten", "threads": 1, "factor": 2}).run()
            clean = upscaler("clean")
            expected = bytes(clean.run(data, SIDE, SIDE, "rgb u8", factor=2).data)
            # Noise has the network for it.
            self.assertEqual(clean.model, "waifu2x-photo-x2-n3" if sigma else "waifu2x-photo-x2")
            self.assertEqual(difference(host.document["photo"], expected), "")
            self.assertFalse([text for text in host.messages if "measure" in text or "install" in text])

    def test_the_noise_level_decides_what_is_read_and_which_time_is_recorded(self):
        """Without a level the plan is for some noise, for a network with a larger halo than the one for no noise."""
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        folder = Path(home.name, "enlarger")
        folder.mkdir()
        (folder / "presets.toml").write_text(LEVELS)
        changed = patch.dict(os.environ, XDG_DATA_HOME=home.name)
        changed.start()
        self.addCleanup(changed.stop)
        levels, recorded = upscaler("levels"), []

        class Recording(UpscalerCache):
            def record_time(self, upscaler, settings, plan, seconds):
                recorded.append((upscaler.model, plan))
                super().record_time(upscaler, settings, plan, 1.0)

        class Watched(FakeHost):
            """Records what is read after the analysis."""

            def read(self, picture, rect):
                if rect.x > 0:
                    rows.append(rect.y + rect.height)
                return super().read(picture, rect)

        rect, rows = enlarger.Rect(300, 100, 40, 20), []
        # Two threads, so that no time that another test recorded is used.
        settings = {"preset": "levels", "engine": "rten", "threads": 2, "factor": 2}
        before = levels.plan(400, 400, rect=rect, factor=2)
        upscalers = Recording()
        host = Watched([layer("photo", "rgb u8", 400, 400, bytes([90]) * (400 * 400 * 3), rect=rect)])
        Job(host, settings, upscalers).run()
        expected = levels.plan(400, 400, rect=rect, factor=2, denoise=0)
        self.assertEqual(recorded, [("waifu2x-photo-x2", expected)])
        self.assertLess(expected.read.y + expected.read.height, before.read.y + before.read.height)
        self.assertEqual(max(rows), expected.read.y + expected.read.height)
        # The recorded time belongs to that network, not to the one that a plan without a noise level names.
        picture = host.layers[0][0]
        estimates = [upscalers.estimated_seconds([upscalers.plan(picture, more)[0]], more) for more in ({**settings, "denoise": 0}, settings)]
        self.assertEqual(estimates, [1.0, None])

    def test_a_stream_without_measure_has_a_note(self):
        data, clean = noisy(15), upscaler("clean")
        clean.stream(lambda x, y, width: data[(y * SIDE + x) * 3 :][: width * 3], lambda y, row: None, SIDE, SIDE, "rgb u8")
        self.assertIn("not analysed for noise", clean.notes[-1])


class Methods(unittest.TestCase):
    def test_nearest_repeats_pixels_and_names_no_model(self):
        with enlarger.Upscaler(method="nearest") as classical:
            self.assertEqual((classical.method, classical.model, classical.preset), ("nearest", "", ""))
            self.assertEqual((classical.engine, classical.device, classical.scale), ("", "", 1))
            image = classical.run(bytes([1, 2, 3, 4, 5, 6]), 2, 1, "rgb u8", factor=2)
            self.assertEqual(bytes(image.data), bytes([1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]) * 2)
        with self.assertRaises(enlarger.InvalidArgument):
            enlarger.Upscaler(method="sharp")

    def test_a_tile_that_wraps_joins_with_itself(self):
        with enlarger.Upscaler(method="bilinear") as classical:
            gray = bytes([0, 0, 0, 240])
            image = classical.run(gray, 4, 1, "gray u8", factor=2, wrap=True)
            self.assertEqual(list(image.data[:8]), [60, 0, 0, 0, 0, 60, 180, 180])
            image = classical.run(gray, 4, 1, "gray u8", factor=2)
            self.assertEqual((image.data[0], image.data[7]), (0, 240))

    def test_provenance_says_what_made_the_result(self):
        with enlarger.Upscaler(preset="crisp", engine="rten") as upscaler:
            made = upscaler.provenance(20, 10, factor=2, strength=50)
            with self.assertRaises(enlarger.InvalidArgument):
                upscaler.provenance(0, 10)
        self.assertTrue(made.software.endswith("(crisp: waifu2x-photo-x2, x2)"), made.software)
        self.assertTrue(made.source_type.endswith("/algorithmicallyEnhanced"))
        self.assertIn(f"<Iptc4xmpExt:DigitalSourceType>{made.source_type}<", made.xmp)
        self.assertIn("<enlarger:Strength>50<", made.xmp)
        self.assertIn("<enlarger:ResultSize>40x20<", made.xmp)


if __name__ == "__main__":
    unittest.main()
