"""Streams: rows in and rows out, with the same pixels as a run."""

import array
import unittest

import enlarger
from support import HEIGHT, WIDTH, cut, difference, pixels, upscaler


class Recorder:
    """A source and a sink that record their calls."""

    def __init__(self, data, pixel_size, wrap=bytes):
        self.data, self.pixel_size, self.wrap = data, pixel_size, wrap
        self.asked, self.written, self.rows = [], [], []

    def read(self, x, y, width):
        self.asked.append((x, y, width))
        start = (y * WIDTH + x) * self.pixel_size
        return self.wrap(self.data[start : start + width * self.pixel_size])

    def write(self, y, row):
        self.written.append(y)
        self.rows.append(row)


def stream(recorder, format="rgb u8", **wanted):
    return upscaler().stream(recorder.read, recorder.write, WIDTH, HEIGHT, format, **wanted)


class Stream(unittest.TestCase):
    def test_stream_equals_run(self):
        for format, wanted in [
            ("rgb u8", {}),
            ("bgra u16", {"factor": 2.5}),
            ("gray f32", {"factor": 0.5}),
            ("gray_alpha u16", {"target_width": 100}),
            ("rgba u8 premultiplied", {"tile": 16, "factor": 2}),
            ("rgb u8", {"output_format": "rgba f16"}),
        ]:
            with self.subTest(format=format, **wanted):
                data = pixels(format)
                recorder = Recorder(data, enlarger.Format.of(format).pixel_size)
                plan = stream(recorder, format, **wanted)
                image = upscaler().run(data, WIDTH, HEIGHT, format, **wanted)
                self.assertEqual(difference(b"".join(recorder.rows), image.data), "")
                self.assertEqual((plan.width, plan.height), (image.width, image.height))

    def test_rows_come_in_order_and_once(self):
        recorder = Recorder(pixels("rgb u8"), 3)
        stream(recorder)
        self.assertEqual(recorder.asked, [(0, y, WIDTH) for y in range(HEIGHT)])
        self.assertEqual(recorder.written, list(range(4 * HEIGHT)))
        self.assertEqual({(type(row), len(row)) for row in recorder.rows}, {(bytes, 4 * WIDTH * 3)})

    def test_a_rectangle_reads_only_what_it_needs(self):
        data = pixels("rgb u8")
        recorder = Recorder(data, 3)
        stream(recorder, rect=(2, 3, 8, 2), factor=1)
        rows = [y for _, y, _ in recorder.asked]
        self.assertEqual(rows, sorted(set(rows)))
        self.assertEqual(len({(x, width) for x, _, width in recorder.asked}), 1)
        self.assertLess(rows[-1], HEIGHT)
        image = upscaler().run(data, WIDTH, HEIGHT, "rgb u8", rect=(2, 3, 8, 2), factor=1)
        self.assertEqual(difference(b"".join(recorder.rows), image.data), "")
        # Resampling needs a few rows around the rectangle, not the whole picture.
        recorder = Recorder(data, 3)
        stream(recorder, rect=(2, 3, 8, 2), factor=0.5)
        self.assertLess(len(recorder.asked), HEIGHT // 2)
        self.assertEqual(len(recorder.rows[0]), 4 * 3)
        # It does not need the columns far to its left.
        recorder = Recorder(data, 3)
        stream(recorder, rect=(36, 3, 8, 2), factor=0.5)
        self.assertGreater(recorder.asked[0][0], 10)
        image = upscaler().run(data, WIDTH, HEIGHT, "rgb u8", rect=(36, 3, 8, 2), factor=0.5)
        self.assertEqual(difference(b"".join(recorder.rows), image.data), "")

    def test_rows_of_every_kind_of_memory(self):
        data = pixels("rgb u16")
        plain = upscaler().run(data, WIDTH, HEIGHT, "rgb u16", factor=0.75).data
        for wrap in (bytes, bytearray, memoryview, lambda row: array.array("H", row)):
            recorder = Recorder(data, 6, wrap)
            stream(recorder, "rgb u16", factor=0.75)
            self.assertEqual(difference(b"".join(recorder.rows), plain), "")

    def test_a_row_of_another_length_is_refused(self):
        for length in (0, 3 * WIDTH - 1, 3 * WIDTH + 1):
            with self.subTest(length), self.assertRaises(ValueError) as caught:
                upscaler().stream(lambda *_: bytes(length), lambda *_: None, WIDTH, HEIGHT, "rgb u8")
            self.assertIn(f"read returned {length} bytes for row 0; 144 bytes are needed", str(caught.exception))
        with self.assertRaises(TypeError):
            upscaler().stream(lambda *_: None, lambda *_: None, WIDTH, HEIGHT, "rgb u8")

    def test_a_sink_that_returns_false_stops_the_run(self):
        taken = []

        def write(y, row):
            taken.append(y)
            return len(taken) < 10

        with self.assertRaises(enlarger.Cancelled):
            upscaler().stream(Recorder(pixels("rgb u8"), 3).read, write, WIDTH, HEIGHT, "rgb u8")
        self.assertEqual(taken, list(range(10)))

    def test_rows_that_were_written_may_be_kept(self):
        recorder = Recorder(pixels("rgb u8"), 3)
        copies = []
        write = recorder.write

        def both(y, row):
            copies.append(bytes(bytearray(row)))
            write(y, row)

        upscaler().stream(recorder.read, both, WIDTH, HEIGHT, "rgb u8", factor=0.75)
        self.assertEqual(difference(copies, recorder.rows), "")

    def test_a_streamed_rectangle_equals_that_part_of_the_whole(self):
        data = pixels("rgba u8")
        whole = upscaler().run(data, WIDTH, HEIGHT, "rgba u8").data
        recorder = Recorder(data, 4)
        stream(recorder, "rgba u8", rect=(20, 10, 5, 30))
        wanted = cut(whole, 4 * WIDTH, 4, (80, 40, 20, 120))
        made = b"".join(recorder.rows)
        self.assertLessEqual(max(abs(a - b) for a, b in zip(made, wanted)), 1)
        self.assertEqual(len(made), len(wanted))


if __name__ == "__main__":
    unittest.main()
