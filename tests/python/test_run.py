"""Runs over pixels in memory: every format, strides, rectangles, sizes, and every kind of memory."""

import array
import ctypes
import unittest

import enlarger
import numpy
from support import HEIGHT, ORDERS, WIDTH, cut, difference, furthest, pack, pixels, samples, unpack, upscaler

FORMATS = [
    f"{channels} {sample}"
    for channels in ("gray", "gray_alpha", "rgb", "rgba", "bgra")
    for sample in ("u8", "u16", "f16", "f32")
]


def shrunk(numbers, width, channels, factor=4):
    """The means of squares of pixels, which nearly equal the picture that was enlarged."""
    height = len(numbers) // (width * channels)
    return [
        sum(
            numbers[((y * factor + dy) * width + x * factor + dx) * channels + c]
            for dy in range(factor)
            for dx in range(factor)
        )
        / factor**2
        for y in range(height // factor)
        for x in range(width // factor)
        for c in range(channels)
    ]


class Masks(unittest.TestCase):
    def made(self, mask=None, **more):
        return bytes(upscaler().run(pixels("rgb u8"), WIDTH, HEIGHT, "rgb u8", factor=2, mask=mask, **more).data)

    def test_a_mask_multiplies_the_strength(self):
        black, white = bytes(WIDTH * HEIGHT), bytes([255]) * (WIDTH * HEIGHT)
        plain, full = self.made(strength=0), self.made(edge_care=100)
        self.assertEqual(difference(self.made(black), plain), "")
        self.assertEqual(difference(self.made(white), full), "")
        self.assertEqual(difference(self.made(white, mask_white="protect"), plain), "")
        left = bytes(255 if x < WIDTH // 2 else 0 for _ in range(HEIGHT) for x in range(WIDTH))
        half = self.made(left)
        row = 2 * WIDTH * 3
        self.assertEqual(difference(half[: row // 2 - 18], full[: row // 2 - 18]), "")
        self.assertEqual(difference(half[row // 2 + 18 : row], plain[row // 2 + 18 : row]), "")

    def test_masks_of_every_kind(self):
        shares = [x * y % 7 / 6 for y in range(HEIGHT) for x in range(WIDTH)]
        expected = self.made(pack(shares, "gray u8"))
        self.assertNotEqual(expected, self.made())
        padded = numpy.zeros((HEIGHT, WIDTH + 5), numpy.uint8)
        padded[:, :WIDTH] = numpy.frombuffer(pack(shares, "gray u8"), numpy.uint8).reshape(HEIGHT, WIDTH)
        for mask in (padded[:, :WIDTH], numpy.ascontiguousarray(padded[:, :WIDTH]), array.array("B", pack(shares, "gray u8"))):
            self.assertEqual(difference(self.made(mask), expected), "")
        for format in ("gray u8", "rgb u8", "gray_alpha u8", "rgba u16", "gray f32"):
            of = enlarger.Format.of(format)
            colours = of.channel_count - of.has_alpha
            numbers = [v for share in shares for v in [share] * colours + [0.5] * of.has_alpha]
            mask = enlarger.Image(pack(numbers, of), WIDTH, HEIGHT, of, WIDTH * of.pixel_size)
            made = self.made(mask)
            self.assertLessEqual(max(abs(a - b) for a, b in zip(made, expected)), 1, format)

    def test_wrong_masks(self):
        for mask, error in [
            (bytes(WIDTH * HEIGHT - 1), enlarger.InvalidArgument),
            (numpy.zeros((WIDTH, HEIGHT), numpy.uint8), enlarger.InvalidArgument),
            (enlarger.Image(bytes(20), 5, 4, enlarger.Format.of("gray u8"), 5), enlarger.InvalidArgument),
            (3.5, TypeError),
            ("mask.png", TypeError),
        ]:
            with self.subTest(mask=type(mask)), self.assertRaises(error):
                self.made(mask)

    def test_provenance(self):
        made = upscaler().provenance(WIDTH, HEIGHT, factor=2, mask=bytes(WIDTH * HEIGHT), mask_white="protect", grain=30, seed=5)
        for text in ("<enlarger:Mask>protect<", "<enlarger:EdgeCare>100<", "<enlarger:Grain>30<", "<enlarger:Seed>5<"):
            self.assertIn(text, made.xmp)

    def test_grain(self):
        self.assertEqual(difference(self.made(grain=50), self.made(grain=50, seed=1)), "")
        self.assertNotEqual(self.made(grain=50), self.made(grain=50, seed=2))
        self.assertNotEqual(self.made(grain=50), self.made())
        rect = (12, 10, 20, 15)
        part, whole = self.made(grain=50, rect=rect), self.made(grain=50)
        stride = 2 * WIDTH * 3
        cut = b"".join(whole[y * stride + 72 :][:120] for y in range(20, 50))
        self.assertLessEqual(max(abs(a - b) for a, b in zip(part, cut)), 1)


class Pixels(unittest.TestCase):
    def test_every_format_gives_the_enlarged_picture(self):
        for format in FORMATS:
            with self.subTest(format):
                image = upscaler().run(pixels(format), WIDTH, HEIGHT, format)
                self.assertEqual((image.width, image.height), (4 * WIDTH, 4 * HEIGHT))
                self.assertEqual(str(image.format), format)
                count = image.format.channel_count
                self.assertEqual(image.stride, image.width * image.format.pixel_size)
                self.assertEqual(len(image.data), image.stride * image.height)
                made = shrunk(unpack(image.data, format), image.width, count)
                wanted = samples(ORDERS[image.format.channels])
                # Where alpha is 0, colour has no meaning.
                if image.format.has_alpha:
                    alphas = wanted[count - 1 :: count]
                    keep = [alphas[i // count] > 0.05 or i % count == count - 1 for i in range(len(wanted))]
                    made = [n for n, k in zip(made, keep) if k]
                    wanted = [n for n, k in zip(wanted, keep) if k]
                mean = sum(abs(a - b) for a, b in zip(made, wanted)) / len(wanted)
                self.assertLess(mean, 0.04)
                self.assertLess(furthest(made, wanted), 0.4)

    def test_bgra_is_rgba_in_another_order(self):
        rgba = upscaler().run(pixels("rgba u8"), WIDTH, HEIGHT, "rgba u8").data
        bgra = upscaler().run(pixels("bgra u8"), WIDTH, HEIGHT, "bgra u8").data
        for there, here in enumerate((2, 1, 0, 3)):
            self.assertTrue(rgba[here::4] == bgra[there::4], "bgra"[there])
        self.assertFalse(rgba == bgra)

    def test_16_bits_keep_more_than_256_values(self):
        # A ramp of 48 steps within two steps of 8 bits.
        ramp = array.array("H", [30000 + x * 10 for _ in range(HEIGHT) for x in range(WIDTH)])
        made = array.array("H", bytes(upscaler().run(ramp, WIDTH, HEIGHT, "gray u16").data))
        self.assertGreater(len(set(made)), 100)
        self.assertTrue(all(29000 < number < 31500 for number in made))

    def test_the_result_may_have_another_format(self):
        data = pixels("rgb u8")
        floats = upscaler().run(data, WIDTH, HEIGHT, "rgb u8", output_format="bgra f32")
        plain = upscaler().run(data, WIDTH, HEIGHT, "rgb u8").data
        numbers = unpack(floats.data, "bgra f32")
        self.assertEqual(set(numbers[3::4]), {1.0})
        red = [round(min(max(number, 0), 1) * 255) for number in numbers[2::4]]
        self.assertLessEqual(furthest(red, list(plain[0::3])), 1)

    def test_premultiplied(self):
        straight = samples(ORDERS["rgba"])
        times = [n if i % 4 == 3 else n * straight[i - i % 4 + 3] for i, n in enumerate(straight)]
        made = upscaler().run(pack(times, "rgba f32"), WIDTH, HEIGHT, "rgba f32 premultiplied")
        numbers = unpack(made.data, "rgba f32")
        plain = unpack(upscaler().run(pixels("rgba f32"), WIDTH, HEIGHT, "rgba f32").data, "rgba f32")
        expected = [n if i % 4 == 3 else n * plain[i - i % 4 + 3] for i, n in enumerate(plain)]
        self.assertLess(furthest(numbers, expected), 2e-3)


class Memory(unittest.TestCase):
    """All kinds of memory, at a factor that only resamples, because all runs treat memory in the same way."""

    width, height = 36, 30

    def setUp(self):
        self.data = pixels("rgb u8")
        self.plain = self.run_it(self.data).data

    def run_it(self, data, **wanted):
        return upscaler().run(data, WIDTH, HEIGHT, "rgb u8", factor=0.75, **wanted)

    def test_every_kind_of_memory(self):
        wide = array.array("B", self.data)
        kinds = {
            "bytearray": bytearray(self.data),
            "memoryview": memoryview(self.data),
            "a part of a memoryview": memoryview(b"xyz" + self.data)[3:],
            "array": wide,
            "ctypes": (ctypes.c_ubyte * len(self.data))(*self.data),
            "NumPy": numpy.frombuffer(self.data, "u1").reshape(HEIGHT, WIDTH, 3),
        }
        for kind, data in kinds.items():
            with self.subTest(kind):
                self.assertEqual(difference(self.run_it(data).data, self.plain), "")

    def test_samples_as_items(self):
        data = pixels("rgb u16")
        plain = upscaler().run(data, WIDTH, HEIGHT, "rgb u16", factor=0.75).data
        items = array.array("H", data)
        self.assertEqual(difference(upscaler().run(items, WIDTH, HEIGHT, "rgb u16", factor=0.75).data, plain), "")
        shaped = numpy.array(items, "u2").reshape(HEIGHT, WIDTH, 3)
        self.assertEqual(difference(upscaler().run(shaped, WIDTH, HEIGHT, "rgb u16", factor=0.75).data, plain), "")

    def test_odd_strides(self):
        row = 3 * WIDTH
        for gap in (1, 7, 100):
            rows = [self.data[y * row : (y + 1) * row] for y in range(HEIGHT)]
            # The last row needs no padding.
            padded = (b"\xaa" * gap).join(rows)
            self.assertEqual(difference(self.run_it(padded, stride=row + gap).data, self.plain), "")

    def test_a_part_of_a_larger_array_is_not_copied(self):
        large = numpy.zeros((HEIGHT + 9, WIDTH + 5, 3), "u1")
        part = large[4 : 4 + HEIGHT, 2 : 2 + WIDTH]
        part[:] = numpy.frombuffer(self.data, "u1").reshape(HEIGHT, WIDTH, 3)
        self.assertEqual(difference(self.run_it(part).data, self.plain), "")

    def test_out(self):
        for out in (bytearray(len(self.plain)), numpy.zeros((self.height, self.width, 3), "u1")):
            image = self.run_it(self.data, out=out)
            self.assertIs(image.data, out)
            self.assertEqual(difference(bytes(out), self.plain), "")

    def test_out_is_a_part_of_a_larger_array(self):
        large = numpy.full((self.height + 2, self.width + 3, 3), 77, "u1")
        image = self.run_it(self.data, out=large[1:-1, 2:-1])
        self.assertEqual(difference(large[1:-1, 2:-1].tobytes(), bytes(self.plain)), "")
        self.assertEqual(image.stride, (self.width + 3) * 3)
        self.assertEqual({int(n) for n in large[0].ravel()} | {int(n) for n in large[:, 0].ravel()}, {77})

    def test_rows_and_arrays_of_an_image(self):
        image = self.run_it(self.data)
        self.assertEqual(difference(b"".join(image.row(y) for y in range(image.height)), self.plain), "")
        shaped = numpy.asarray(image)
        self.assertEqual((shaped.shape, shaped.dtype), ((self.height, self.width, 3), numpy.dtype("u1")))
        self.assertEqual(difference(shaped.tobytes(), bytes(self.plain)), "")
        self.assertEqual(image.row(5)[7 * 3 + 1], shaped[5, 7, 1])
        gray = numpy.asarray(upscaler().run(pixels("gray f32"), WIDTH, HEIGHT, "gray f32"))
        self.assertEqual((gray.shape, gray.dtype), ((4 * HEIGHT, 4 * WIDTH), numpy.dtype("f4")))
        self.assertLess(abs(float(gray.mean()) - sum(samples((0,))) / (WIDTH * HEIGHT)), 0.01)
        with self.assertRaises(enlarger.InvalidArgument):
            image.row(image.height)

    def test_memory_is_held_during_the_run_and_free_afterwards(self):
        data, out = bytearray(self.data), bytearray(len(self.plain))
        seen = []

        def shrink(_):
            for memory in (data, out):
                try:
                    memory.clear()
                except BufferError:
                    seen.append(memory)

        self.run_it(data, out=out, progress=shrink)
        self.assertIn(data, seen)
        self.assertEqual(difference(out, self.plain), "")
        data.clear(), out.clear()

    def test_memory_is_free_after_a_failure(self):
        data, out = bytearray(self.data), bytearray(10)
        with self.assertRaises(enlarger.InvalidArgument):
            self.run_it(data, out=out)
        data.clear(), out.clear()


class Arguments(unittest.TestCase):
    def test_sizes(self):
        for wanted, size in [
            ({"factor": 1}, (48, 40)),
            ({"factor": 2.5}, (120, 100)),
            ({"target_width": 96}, (96, 80)),
            ({"target_height": 60}, (72, 60)),
            ({"target_width": 50, "target_height": 90}, (50, 90)),
            ({"options": {"factor": "2"}}, (96, 80)),
            ({"target_width": numpy.int32(96)}, (96, 80)),
            ({"factor": numpy.float32(2.5)}, (120, 100)),
        ]:
            with self.subTest(wanted):
                plan = upscaler().plan(WIDTH, HEIGHT, **wanted)
                image = upscaler().run(pixels("rgb u8"), WIDTH, HEIGHT, "rgb u8", **wanted)
                self.assertEqual((plan.width, plan.height), size)
                self.assertEqual((image.width, image.height), size)
                self.assertEqual(len(image.data), size[0] * size[1] * 3)

    def test_a_rectangle_is_cut_from_the_whole(self):
        data = pixels("rgb u8")
        whole = upscaler().run(data, WIDTH, HEIGHT, "rgb u8").data
        rect = enlarger.Rect(9, 5, 17, 21)
        part = upscaler().run(data, WIDTH, HEIGHT, "rgb u8", rect=rect)
        self.assertEqual((part.width, part.height), (68, 84))
        wanted = cut(whole, 4 * WIDTH, 3, (36, 20, 68, 84))
        self.assertLessEqual(furthest(list(part.data), list(wanted)), 1)
        same = upscaler().run(data, WIDTH, HEIGHT, "rgb u8", rect=(9, 5, 17, 21))
        self.assertEqual(difference(same.data, part.data), "")
        plan = upscaler().plan(WIDTH, HEIGHT, rect=rect)
        self.assertEqual((plan.width, plan.height), (68, 84))

    def test_plan(self):
        plan = upscaler().plan(4000, 3000, factor=4)
        self.assertEqual((plan.width, plan.height, plan.read), (16000, 12000, enlarger.Rect(0, 0, 4000, 3000)))
        self.assertEqual(plan.passes, 1)
        self.assertGreater(plan.tiles, 10)
        self.assertGreater(plan.network_pixels, 12_000_000)
        self.assertGreater(plan.memory, 1 << 20)
        self.assertEqual(upscaler().plan(4000, 3000, factor=0.5).passes, 0)
        small = upscaler().plan(400, 300, tile=16)
        self.assertGreater(small.tiles, upscaler().plan(400, 300, tile=256).tiles)

    def test_colour_lock_and_colour_space(self):
        flat = b"\x80" * (3 * WIDTH * HEIGHT)
        locked = upscaler().run(flat, WIDTH, HEIGHT, "rgb u8").data
        free = upscaler().run(flat, WIDTH, HEIGHT, "rgb u8", colour_lock=False).data
        self.assertEqual(set(locked), {128})
        self.assertNotEqual(set(free), {128})
        data = pixels("rgb u8")
        plain = upscaler().run(data, WIDTH, HEIGHT, "rgb u8").data
        linear = upscaler().run(data, WIDTH, HEIGHT, "rgb u8", colour_space="linear_srgb").data
        self.assertNotEqual(plain, linear)

    def test_an_invalid_profile_is_refused(self):
        with self.assertRaises(enlarger.InvalidArgument) as caught:
            upscaler().run(pixels("rgb u8"), WIDTH, HEIGHT, "rgb u8", icc_profile=b"no profile at all" * 20)
        self.assertEqual(caught.exception.name, "ENL_ERROR_FORMAT")

    def test_small_tiles_give_the_same_picture(self):
        data = pixels("rgb u8")
        whole = upscaler().run(data, WIDTH, HEIGHT, "rgb u8").data
        reports = []
        tiled = upscaler().run(data, WIDTH, HEIGHT, "rgb u8", tile=16, progress=reports.append).data
        self.assertLessEqual(furthest(list(whole), list(tiled)), 1)
        self.assertGreater(reports[-1].tiles_total, 4)

    def test_the_attributes_of_an_upscaler(self):
        one = upscaler()
        self.assertEqual((one.model, one.scale, one.engine), ("realesr-general-x4v3", 4, "rten"))
        self.assertEqual(one.device, "cpu")
        self.assertTrue(one.device_name and one.engine_version)
        self.assertIn("as requested", one.reason)
        self.assertEqual(one.notes, [])


if __name__ == "__main__":
    unittest.main()
