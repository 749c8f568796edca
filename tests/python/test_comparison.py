"""The comparison of presets and models."""

import unittest

import enlarger
from enlarger.comparison import models_to_compare, presets_to_compare
from enlarger.frame import Look
from preview_window import HEIGHT, UPSCALERS, WIDTH, Window, photo


class Comparison(unittest.TestCase):
    def test_presets_and_models(self):
        choices = presets_to_compare(UPSCALERS.options({}), ["waifu2x-photo-x2"])
        self.assertEqual([choice.settings["preset"] for choice in choices[:2]], ["natural", "portrait"])
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


if __name__ == "__main__":
    unittest.main()
