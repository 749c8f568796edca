"""What dialogs offer and say: the same in all hosts."""

import unittest

from enlarger.dialog import PLACED, SIZES, offered_factor, outlook
from enlarger.host import Picture
from enlarger.job import duration
from enlarger.upscalers import Upscalers
from support import HEIGHT, WIDTH

SETTINGS = {"engine": "rten", "threads": 1}


class Offered(unittest.TestCase):
    def test_sizes_are_settings(self):
        upscalers = Upscalers()
        options = upscalers.options({})
        for label, key, value in SIZES:
            self.assertTrue(label)
            option = options[key]
            self.assertTrue(value is None or option.minimum <= value <= option.maximum)
        self.assertLessEqual(PLACED, set(options))

    def test_options_follow_the_preset_or_the_model(self):
        upscalers = Upscalers()
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

    def test_what_is_not_here_any_more_is_forgotten(self):
        upscalers = Upscalers()
        for gone in ({"preset": "best"}, {"model": "mona-lisa"}, {"preset": "crisp", "model": "mona-lisa"}):
            with self.subTest(gone):
                settings = {**gone, "denoise": 20}
                self.assertEqual(upscalers.options(settings)["factor"].default, 4.0)
                self.assertEqual(settings, {"denoise": 20})

    def test_the_help_of_a_choice(self):
        options = Upscalers().options({})
        preset = options["preset"]
        self.assertEqual([preset.help_of(value) for value, _ in preset.choices], preset.choice_help)
        self.assertEqual((preset.help_of("best"), options["factor"].help_of("4")), ("", ""))

    def test_what_the_library_chooses(self):
        options = Upscalers().options({"preset": "clean"})
        chosen = {key for key, option in options.items() if option.automatic}
        self.assertEqual(chosen, {"width", "height", "denoise", "threads", "tile", "memory"})

    def test_the_factor_that_is_offered(self):
        cases = [(4, 4, None), (4, 2, None), (1, 1, None), (4, 1, 1.0), (1, 4, 2.0), (1, 2, 2.0)]
        for before, now, offered in cases:
            self.assertEqual(offered_factor(float(before), float(now)), offered, (before, now))


class Outlook(unittest.TestCase):
    def said(self, upscalers, **settings):
        settings = {**SETTINGS, **settings}
        plan, _ = upscalers.plan(Picture("photo", WIDTH, HEIGHT, "rgb u8"), settings)
        return plan, outlook(upscalers, upscalers.options(settings), settings, [plan], (200, 160), 3 << 20)

    def test_what_is_said(self):
        upscalers = Upscalers()
        plan, (about, result, note) = self.said(upscalers, preset="crisp", factor=2)
        self.assertEqual(about, upscalers.options({"preset": "crisp"})["preset"].help_of("crisp"))
        self.assertTrue(result.startswith("The result has 200 × 160 pixels and takes about "), result)
        self.assertIn(f"about {plan.memory / 2**20 + 3:.0f} MiB", result)
        self.assertIn("with rten ", result)
        self.assertNotIn("It takes", result)
        self.assertIn("srmdnf-x2", note)
        # A job does not say it again.
        self.assertEqual(upscalers.told, {note})

    def test_a_model_has_no_preset_to_speak_of(self):
        _, said = self.said(Upscalers(), preset="crisp", model="waifu2x-photo-x2")
        self.assertEqual(len(said), 1)

    def test_the_time_it_took_before(self):
        upscalers = Upscalers()
        settings = {**SETTINGS, "preset": "natural", "threads": 3}
        plan, _ = self.said(upscalers, **settings)
        upscalers.learn(upscalers.open(settings), settings, plan, 40.0)
        _, said = self.said(upscalers, **settings)
        self.assertTrue(said[1].endswith(f" It takes {duration(40)}."), said)


if __name__ == "__main__":
    unittest.main()
