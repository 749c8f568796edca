"""The lines of advice in a dialog: what they say, and what their buttons do."""

import unittest

from enlarger import Advice
from enlarger.advice_line import MOST, advice_lines
from enlarger.upscaler_cache import UpscalerCache

OPTIONS = UpscalerCache().options({})


def advice(option, code="noisy"):
    return Advice(code, 9.0, f"The picture is {code}.", f"Do something about {code}.", option)


class Lines(unittest.TestCase):
    def test_what_the_buttons_do(self):
        for option, button, changes in [
            (("preset", "clean"), "Use Clean", {"preset": "clean", "model": None, "method": None}),
            (("method", "nearest"), "Use Nearest (whole pixels)", {"preset": None, "model": None, "method": "nearest"}),
            (("factor", "2"), "Enlarge 2 ×", {"factor": 2.0, "width": None, "height": None}),
            (("strength", "60"), "Strength: 60", {"strength": 60}),
            (None, "", {}),
            # A newer library may name an option that this dialog does not have.
            (("new", "1"), "", {}),
        ]:
            with self.subTest(option):
                (line,) = advice_lines([advice(option)], OPTIONS, {})
                self.assertEqual((line.button, line.changes), (button, changes))
                self.assertEqual(line.text, "The picture is noisy.")
                self.assertIn("Do something about noisy.", line.help)

    def test_advice_that_is_followed_is_gone(self):
        for option, followed, other in [
            (("preset", "clean"), {"preset": "clean"}, {"preset": "crisp"}),
            (("factor", "2"), {"factor": 2.0}, {"factor": 4.0}),
            (("strength", "60"), {"strength": "60"}, {"strength": "100"}),
            # More than was advised is followed too.
            (("strength", "60"), {"strength": "40"}, {}),
            (("reduce_first", "33"), {"reduce_first": 30.0}, {"reduce_first": "50"}),
            (("strength", "60"), {"strength": 60}, {"strength": "a lot"}),
        ]:
            with self.subTest(option):
                self.assertEqual(advice_lines([advice(option)], OPTIONS, followed), [])
                self.assertEqual(len(advice_lines([advice(option)], OPTIONS, other)), 1)
        self.assertEqual(len(advice_lines([advice(None)], OPTIONS, {"preset": "clean"})), 1)

    def test_there_is_room_for_a_few(self):
        codes = ["small", "compressed", "blurred", "clipped", "screened"]
        lines = advice_lines([advice(None, code) for code in codes], OPTIONS, {})
        self.assertEqual(len(lines), MOST)
        self.assertEqual([line.text for line in lines[:2]], ["The picture is small.", "The picture is compressed."])
        self.assertEqual(lines[-1].text, "3 more pieces of advice")
        for code in codes[2:]:
            self.assertIn(f"Do something about {code}.", lines[-1].help)
        self.assertEqual(len(advice_lines([advice(None, code) for code in codes[:MOST]], OPTIONS, {})), MOST)


if __name__ == "__main__":
    unittest.main()
