"""What the dialogs of all hosts share: options, sizes and the summary."""

import unittest

from enlarger import Option
from enlarger.dialog import SIZES, sections, suggested_factor, summary
from enlarger.host import Picture
from enlarger.job import duration
from enlarger.upscaler_cache import UpscalerCache
from support import HEIGHT, WIDTH

SETTINGS = {"engine": "rten", "threads": 1}


class Options(unittest.TestCase):
    def test_sizes_are_settings(self):
        upscalers = UpscalerCache()
        options = upscalers.options({})
        for label, key, value in SIZES:
            self.assertTrue(label)
            option = options[key]
            self.assertTrue(value is None or option.minimum <= value <= option.maximum)
            self.assertEqual(option.group, "size")

    def test_sections_follow_the_groups(self):
        found = sections(UpscalerCache().options({"preset": "clean"}))
        self.assertEqual([option.key for option in found.network], ["preset", "model", "method"])
        self.assertLessEqual({"denoise", "strength"}, {option.key for option in found.main})
        self.assertEqual(
            [option.key for option in found.more],
            [
                *("edge_care", "fading", "scratches", "creativity", "grain"),
                *("faces", "face_strength", "face_denoise", "face_grain", "face_fidelity", "colour_lock", "wrap", "reduce_first"),
            ],
        )
        self.assertEqual(
            [option.key for option in found.advanced],
            ["seed", "engine", "device", "precision", "threads", "tile", "memory"],
        )
        hidden = {"factor", "width", "height", "icc_profile", "colour_space", "noise_level", "mask", "mask_white", "face_points", "scratch_mask"}
        self.assertEqual(found.keys & hidden, set())

    def test_a_new_option_is_shown_without_a_change_here(self):
        options = UpscalerCache().options({})
        for group in ("main", "more", "advanced", "size", "host"):
            key = f"new_{group}"
            options[key] = Option(key, "integer", "New", "Something new.", "", 3, 0, 9, group=group)
        options["of_others"] = Option("of_others", "boolean", "Other", "Of other models.", "", True, applies=False)
        found = sections(options)
        self.assertIn("new_main", [option.key for option in found.main])
        self.assertIn("new_more", [option.key for option in found.more])
        self.assertIn("new_advanced", [option.key for option in found.advanced])
        self.assertEqual(found.keys & {"new_size", "new_host", "of_others"}, set())

    def test_options_follow_the_preset_or_the_model(self):
        upscalers = UpscalerCache()
        for settings, factor, applies in [
            ({}, 4.0, True),
            ({"preset": "crisp"}, 2.0, True),
            ({"preset": "restore", "factor": 3}, 1.0, True),
            ({"preset": "crisp", "model": "realesr-general-x4v3"}, 4.0, False),
            ({"preset": None, "model": ""}, 4.0, True),
        ]:
            with self.subTest(settings):
                wanted = dict(settings)
                options = upscalers.options(wanted)
                self.assertEqual((options["factor"].default, options["preset"].applies), (factor, applies))
                self.assertEqual(wanted, settings)

    def test_a_preset_or_model_that_is_gone_is_removed_from_the_settings(self):
        upscalers = UpscalerCache()
        for gone, left, factor in [
            ({"preset": "best"}, {}, 4.0),
            ({"model": "mona-lisa"}, {}, 4.0),
            ({"preset": "crisp", "model": "mona-lisa"}, {"preset": "crisp"}, 2.0),
        ]:
            with self.subTest(gone):
                settings = {**gone, "denoise": 20}
                self.assertEqual(upscalers.options(settings)["factor"].default, factor)
                self.assertEqual(settings, {**left, "denoise": 20})

    def test_a_method_leaves_only_what_concerns_it(self):
        options = UpscalerCache().options({"preset": "clean", "method": "nearest"})
        found = sections(options)
        self.assertEqual([option.applies for option in found.network], [False, False, True])
        self.assertEqual([option.key for option in found.main + found.more + found.advanced], ["fading", "scratches", "reduce_first", "memory"])
        self.assertEqual(options["factor"].default, 4.0)

    def test_the_help_of_a_choice(self):
        options = UpscalerCache().options({})
        preset = options["preset"]
        self.assertEqual([preset.help_of(value) for value, _ in preset.choices], preset.choice_help)
        self.assertEqual((preset.help_of("best"), options["factor"].help_of("4")), ("", ""))

    def test_defaults_that_let_the_library_decide(self):
        options = UpscalerCache().options({"preset": "clean"})
        automatic = {key for key, option in options.items() if option.automatic}
        measured = {"denoise", "edge_care", "fading", "scratches", "creativity", "face_denoise"}
        self.assertEqual(automatic, {"width", "height", "threads", "tile", "memory"} | measured)

    def test_suggested_factor(self):
        cases = [(4, 4, None), (4, 2, None), (1, 1, None), (4, 1, 1.0), (1, 4, 2.0), (1, 2, 2.0)]
        for before, now, suggested in cases:
            self.assertEqual(suggested_factor(float(before), float(now)), suggested, (before, now))


class Summary(unittest.TestCase):
    def summary(self, upscalers, **settings):
        settings = {**SETTINGS, **settings}
        planned = upscalers.planned([Picture("photo", WIDTH, HEIGHT, "rgb u8")], settings)
        return planned.plans[0], summary(planned, upscalers.options(settings), settings, (200, 160), 3 << 20)

    def test_sentences(self):
        upscalers = UpscalerCache()
        plan, (purpose, result, note) = self.summary(upscalers, preset="detail", factor=2)
        self.assertEqual(purpose, upscalers.options({"preset": "detail"})["preset"].help_of("detail"))
        self.assertTrue(result.startswith("The result has 200 × 160 pixels and takes about "), result)
        self.assertIn(f"about {plan.memory / 2**20 + 3:.0f} MiB", result)
        self.assertIn("with rten ", result)
        self.assertNotIn("It takes", result)
        self.assertIn("realesrgan-x4plus", note)
        # A job does not repeat it.
        self.assertEqual(upscalers.shown_notes, {note})

    def test_a_model_has_no_sentence_about_a_preset(self):
        _, sentences = self.summary(UpscalerCache(), preset="crisp", model="waifu2x-photo-x2")
        self.assertEqual(len(sentences), 1)

    def test_a_method_has_no_engine_and_no_notes(self):
        # A dialog keeps the values of the options that it disables.
        _, sentences = self.summary(UpscalerCache(), preset="crisp", method="lanczos", strength=30, factor=2)
        self.assertEqual(len(sentences), 1)
        self.assertTrue(sentences[0].endswith(", and no network runs."), sentences)

    def test_the_estimate_is_the_time_of_the_last_run(self):
        upscalers = UpscalerCache()
        settings = {**SETTINGS, "preset": "natural", "threads": 3}
        plan, _ = self.summary(upscalers, **settings)
        upscalers.record_time(upscalers.upscaler(settings), settings, plan, 40.0)
        _, sentences = self.summary(upscalers, **settings)
        self.assertTrue(sentences[1].endswith(f" It takes {duration(40)}."), sentences)


if __name__ == "__main__":
    unittest.main()
