"""The preview: its patches are parts of the final result, the last request wins, and the host's thread never waits."""

import random
import struct
import subprocess
import sys
import threading
import time
import unittest
from dataclasses import replace

import enlarger
from enlarger import Rect
from enlarger.comparison import models_to_compare, presets_to_compare
from enlarger.errors import Cancelled
from enlarger.frame import Look, enlarged_part
from enlarger.host import Picture
from enlarger.job import Job
from enlarger.preview import Preview
from enlarger.upscaler_cache import MOST_UPSCALERS, UpscalerCache
from fake_host import FakeHost, layer
from support import difference, pack, pixels, samples, unpack

WIDTH, HEIGHT = 40, 32
SETTINGS = {"threads": 1, "factor": 2}
UPSCALERS = UpscalerCache()
# Seconds after which something hangs, on a slow and busy machine too.
LONG = 600
LEVEL = 1 / 255 + 1e-6


def photo(format="rgb u8", data=None, **more):
    return layer("photo", format, WIDTH, HEIGHT, data or pixels(format, WIDTH, HEIGHT), **more)


class Window:
    """A dialog without a toolkit: a Preview on the pixels of a FakeHost, whose thread steps it."""

    def __init__(self, test, *layers, upscalers=UPSCALERS, read=None, **more):
        self.host = FakeHost(list(layers))
        self.pictures = [picture for picture, _ in layers]
        self.woken = threading.Event()
        self.preview = Preview(upscalers, read or self.host.read, wake=self.woken.set, **more)
        test.addCleanup(self.preview.close)

    def request(self, look=None, advise=False, **settings):
        self.preview.request(self.pictures, {**SETTINGS, **settings}, look or Look(18, 14, 32, 24), advise=advise)

    def wait(self, until=None):
        """Steps until the preview has nothing to do, or until a condition holds."""
        until = until or (lambda: not self.preview.busy)
        deadline = time.monotonic() + LONG
        while not until():
            assert time.monotonic() < deadline, "nothing came"
            self.preview.step(0.05)
        return self.preview

    def patch(self, look=None, **settings):
        self.request(look, **settings)
        preview = self.wait()
        if preview.problem is not None:
            raise preview.problem
        assert not preview.outdated
        return preview.patch


def cut(numbers, width, rect, channels):
    return [
        value
        for y in range(rect.y, rect.y + rect.height)
        for value in numbers[(y * width + rect.x) * channels : (y * width + rect.x + rect.width) * channels]
    ]


def as_shown(data, format):
    """Pixels as numbers of red, green, blue and alpha."""
    format, numbers = enlarger.Format.of(format), unpack(data, format)
    count = format.channel_count
    shown = []
    for start in range(0, len(numbers), count):
        pixel = numbers[start : start + count]
        alpha = pixel.pop() if format.has_alpha else 1.0
        red, green, blue = pixel if len(pixel) == 3 else pixel * 3
        shown += [blue, green, red, alpha] if format.channels == "bgra" else [red, green, blue, alpha]
    return shown


def final(picture, data, **settings):
    """What a job makes of the picture: its numbers as shown, its width, and where it lies in the whole result."""
    host = FakeHost([(picture, data)])
    Job(host, {**SETTINGS, **settings}, UPSCALERS).run()
    width, _, format = host.sizes[picture.name]
    return as_shown(host.document[picture.name], format), width


class Equality(unittest.TestCase):
    def equal(self, picture, data, look=None, **settings):
        """The patch is that part of what a job makes, within 1/255."""
        patch = Window(self, (picture, data)).patch(look, **settings)
        made, width = final(picture, data, **settings)
        whole = enlarged_part(picture.rect, (picture.width, picture.height), patch.size)
        frame = Rect(patch.frame.x - whole.x, patch.frame.y - whole.y, patch.frame.width, patch.frame.height)
        wanted, shown = cut(made, width, frame, 4), [value / 255 for value in patch.after]
        self.assertEqual(len(shown), len(wanted))
        # A transparent pixel has no colour that could be seen.
        worst = max(
            abs(a - b)
            for i, (a, b) in enumerate(zip(shown, wanted))
            if i % 4 == 3 or wanted[i - i % 4 + 3] > 0
        )
        self.assertLessEqual(worst, LEVEL)
        self.assertEqual(len(patch.before), len(patch.after))
        self.assertEqual(len(patch.source), len(patch.after))
        if patch.size != (picture.width, picture.height):
            self.assertNotEqual(patch.before, patch.source)
        return patch

    def test_factors_and_sizes(self):
        for settings, size in [
            ({"factor": 2}, (80, 64)),
            ({"factor": 3.7}, (148, 118)),
            ({"factor": None, "width": 100}, (100, 80)),
            ({"factor": 0.75}, (30, 24)),
        ]:
            with self.subTest(settings):
                patch = self.equal(*photo(), **settings)
                self.assertEqual(patch.size, size)
                self.assertEqual((patch.frame.width, patch.frame.height), (min(32, size[0]), 24))
                self.assertEqual(patch.settings["factor"], settings["factor"])

    def test_the_default_factor_is_that_of_the_preset(self):
        patch = self.equal(*photo(), factor=None, preset="crisp")
        self.assertEqual(patch.size, (2 * WIDTH, 2 * HEIGHT))
        self.assertNotEqual(patch.after, patch.before)

    def test_formats(self):
        for format in ("rgba u8", "gray u8", "gray_alpha u16", "bgra u16", "rgba f32", "rgba u8 premultiplied"):
            with self.subTest(format):
                data = pixels(format.replace(" premultiplied", ""), WIDTH, HEIGHT)
                if "premultiplied" in format:
                    data = bytes(v * data[i - i % 4 + 3] // 255 if i % 4 < 3 else v for i, v in enumerate(data))
                    # Alpha divides the colour's rounding, so only the sizes and alpha can be compared here.
                    patch = Window(self, photo(format, data)).patch()
                    made, width = final(*photo(format, data))
                    wanted = cut(made, width, patch.frame, 4)
                    self.assertEqual([round(255 * v) for v in wanted[3::4]], list(patch.after[3::4]))
                else:
                    self.equal(*photo(format, data), Look(20, 14, 32, 24))

    def test_corners_and_frames_larger_than_the_result(self):
        for look in (Look(0, 0, 20, 15), Look(WIDTH, HEIGHT, 20, 15), Look(3, 3, 9999, 9999)):
            with self.subTest(look):
                self.equal(*photo(), look, factor=1.5)

    def test_a_selection(self):
        for factor in (2, 3.7):
            picture, data = photo("rgba u8", rect=Rect(13, 7, 19, 21))
            patch = self.equal(picture, data, Look(0, 0, 32, 24), factor=factor)
            limits = enlarged_part(picture.rect, (WIDTH, HEIGHT), patch.size)
            self.assertEqual((patch.frame.x, patch.frame.y), (limits.x, limits.y))

    def test_strength_models_methods_and_wrap(self):
        for settings in (
            {"strength": 40},
            {"strength": 0},
            {"model": "waifu2x-photo-x2"},
            {"method": "lanczos"},
            {"preset": "restore", "factor": 1, "denoise": 40},
            {"wrap": True},
            {"reduce_first": 50},
            {"grain": 80},
        ):
            with self.subTest(settings):
                self.equal(*photo(), Look(0, 0, 32, 24), **settings)

    def test_before_and_source_are_plain(self):
        plain = self.equal(*photo())
        changed = self.equal(*photo(), reduce_first=50, grain=80)
        self.assertNotEqual(changed.after, plain.after)
        self.assertEqual((changed.before, changed.source), (plain.before, plain.source))

    def test_masks(self):
        mask = bytes(min(6 * x, 255) for y in range(HEIGHT) for x in range(WIDTH))
        plain = self.equal(*photo(), factor=3)
        for settings in ({}, {"mask_white": "protect"}):
            for rect in (None, Rect(13, 7, 19, 21)):
                with self.subTest(settings, rect=rect):
                    patch = self.equal(*photo(mask=mask, rect=rect, settings=settings), factor=3)
                    self.assertNotEqual(patch.after, plain.after)
                    self.assertNotEqual(patch.after, patch.before)

    def test_settings_of_the_picture_win(self):
        patch = self.equal(*photo(settings={"width": 70, "height": 49}), factor=None)
        self.assertEqual(patch.size, (70, 49))

    def test_linear_light(self):
        picture, data = photo("rgb f32", colour_space="linear_srgb")
        patch = Window(self, (picture, data)).patch(factor=1, method="nearest")
        frame, numbers = patch.frame, samples((0, 1, 2), WIDTH, HEIGHT)
        for linear, shown in zip(cut(numbers, WIDTH, frame, 3)[::3], patch.after[::4]):
            encoded = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
            self.assertLessEqual(abs(encoded - shown / 255), LEVEL)

    def test_a_profile_is_converted_by_the_host(self):
        calls = []

        def to_srgb(picture, data, width, height, format):
            calls.append((threading.get_ident(), picture.name, width, height, str(format), len(data)))
            return bytes(4 * width * height)

        window = Window(self, photo("bgra u8", icc_profile=profile()), to_srgb=to_srgb)
        patch = window.patch()
        self.assertEqual(patch.after, bytes(4 * 32 * 24))
        here = threading.get_ident()
        self.assertEqual(calls, [(here, "photo", 32, 24, "rgba u16", 8 * 32 * 24)] * 3)
        # Without a conversion, the numbers are shown.
        self.equal(*photo("rgb u8", icc_profile=profile()))


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
        self.assertGreater(steps, 100)

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


class Comparison(unittest.TestCase):
    def test_presets_and_models(self):
        choices = presets_to_compare(UPSCALERS.options({}), ["waifu2x-photo-x2"])
        self.assertEqual([choice.settings["preset"] for choice in choices[:2]], ["natural", "detail"])
        self.assertEqual(choices[-1].settings["model"], "waifu2x-photo-x2")
        self.assertTrue(all(choice.label and choice.help for choice in choices[:-1]))

    def test_each_choice_has_its_patch_or_its_problem(self):
        window = Window(self, photo())
        natural = window.patch(Look(40, 30, 32, 32))
        choices = presets_to_compare(UPSCALERS.options({}))
        choices.insert(1, enlarger.preview.Choice("Gone", "", {"model": "none-such"}))
        window.preview.compare(choices, Look(40, 30, 32, 32))
        counts = set()
        preview = window.wait(lambda: counts.add(len(window.preview.cells)) or not window.preview.busy)
        # One by one.
        self.assertGreater(len(counts), 3)
        self.assertEqual([cell.choice for cell in preview.cells], choices)
        self.assertEqual(preview.cells[0].patch.after, natural.after)
        self.assertIsInstance(preview.cells[1].problem, enlarger.ModelError)
        pictures = {cell.patch.after for cell in preview.cells if cell.patch}
        self.assertGreaterEqual(len(pictures), 3)
        for cell in preview.cells:
            if cell.patch:
                self.assertEqual((cell.patch.frame.width, cell.patch.size), (32, (2 * WIDTH, 2 * HEIGHT)))
        # A click on one.
        clean = next(cell for cell in preview.cells if cell.choice.settings.get("preset") == "clean")
        self.assertEqual(window.patch(Look(40, 30, 32, 32), **clean.choice.settings).after, clean.patch.after)
        self.assertEqual(preview.cells, [])

    def test_what_was_computed_is_kept_while_models_are_chosen(self):
        window, look = Window(self, photo()), Look(40, 30, 32, 32)
        window.request()
        options = UPSCALERS.options({})
        models = dict(models_to_compare(options))
        self.assertIn("waifu2x-photo-x2", models)
        self.assertTrue(all(models) and all(models.values()))
        presets = presets_to_compare(options)
        window.preview.compare(presets, look)
        first = window.wait().cells
        window.preview.compare(presets_to_compare(options, ["waifu2x-photo-x2"]), look)
        more = window.wait().cells
        self.assertEqual([id(cell) for cell in more[:-1]], [id(cell) for cell in first])
        self.assertEqual(more[-1].choice.label, models["waifu2x-photo-x2"])
        self.assertIsNotNone(more[-1].patch)
        window.preview.compare(presets, look)
        self.assertEqual([id(cell) for cell in window.wait().cells], [id(cell) for cell in first])
        # Another look has other pictures.
        window.preview.compare(presets[:1], Look(20, 30, 32, 32))
        self.assertNotEqual(window.wait().cells[0].patch.after, first[0].patch.after)

    def test_a_request_ends_it(self):
        window = Window(self, photo())
        window.request()
        window.preview.compare(presets_to_compare(UPSCALERS.options({})), Look(40, 30, 32, 32))
        window.wait(lambda: window.preview.cells)
        patch = window.patch(strength=30)
        self.assertEqual((window.preview.cells, patch.settings["strength"]), ([], 30))


class Upscalers(unittest.TestCase):
    def test_the_last_ones_are_kept_and_their_number_is_bounded(self):
        upscalers = UpscalerCache()
        first = upscalers.upscaler({"preset": "natural"})
        for threads in range(1, MOST_UPSCALERS):
            upscalers.upscaler({"preset": "natural", "threads": threads})
        self.assertIs(upscalers.upscaler({"preset": "natural", "strength": 3}), first)
        second = upscalers.upscaler({"preset": "natural", "threads": 2})
        upscalers.upscaler({"preset": "natural", "threads": MOST_UPSCALERS})
        self.assertIs(upscalers.upscaler({"preset": "natural", "threads": 2}), second)
        upscalers.keep_last()
        self.assertIs(upscalers.upscaler({"preset": "natural", "threads": 2}), second)
        self.assertIsNot(upscalers.upscaler({"preset": "natural"}), first)


def profile():
    """An ICC profile, version 2: the primaries of sRGB with a gamma of 1.8."""
    def s15(*values):
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(1.8 * 256)) + bytes(2)
    colours = {"rXYZ": (0.4360, 0.2225, 0.0139), "gXYZ": (0.3851, 0.7169, 0.0971), "bXYZ": (0.1431, 0.0606, 0.7141)}
    tags = {name: b"XYZ " + bytes(4) + s15(*value) for name, value in {**colours, "wtpt": (0.9642, 1, 0.8249)}.items()}
    tags.update({name: curve for name in ("rTRC", "gTRC", "bTRC")})
    tags["desc"] = b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78)
    tags["cprt"] = b"text" + bytes(4) + b"none\0"
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name.encode() + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = struct.pack(">I", start + len(body))
    header = size + bytes(4) + b"\2\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    header += s15(0.9642, 1, 0.8249) + bytes(48)
    assert len(header) == 128
    return header + table + body


if __name__ == "__main__":
    unittest.main()
