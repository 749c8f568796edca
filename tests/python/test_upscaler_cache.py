"""The upscalers that are kept open."""

import unittest

from enlarger.upscaler_cache import MOST_UPSCALERS, UpscalerCache


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


if __name__ == "__main__":
    unittest.main()
