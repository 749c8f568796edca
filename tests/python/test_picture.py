"""enlarge(): pictures of Pillow, arrays of NumPy and images of the package, each against Upscaler.run().

What happens to pixels is tested elsewhere, so that most of this needs no network.
"""

import functools
import os
import subprocess
import sys
import unittest
import warnings

import enlarger
import numpy
from PIL import Image, ImageCms
from support import HEIGHT, WIDTH, difference, pixels

MODES = {
    "L": "gray u8",
    "LA": "gray_alpha u8",
    "La": "gray_alpha u8 premultiplied",
    "RGB": "rgb u8",
    "RGBA": "rgba u8",
    "RGBa": "rgba u8 premultiplied",
    "I;16": "gray u16",
}
DTYPES = {"u8": numpy.uint8, "u16": numpy.uint16, "f16": numpy.float16, "f32": numpy.float32}


@functools.cache
def upscaler():
    """An upscaler for all tests that need no network."""
    return enlarger.Upscaler(method="bicubic")


def enlarge(image, **options):
    return enlarger.enlarge(image, upscaler=upscaler(), factor=2, **options)


def expected(format, **options):
    """What Upscaler.run() makes of the same picture."""
    return upscaler().run(pixels(format), WIDTH, HEIGHT, format, factor=2, **options)


def picture(mode):
    """The picture of support as one of Pillow."""
    return Image.frombytes(mode, (WIDTH, HEIGHT), pixels(MODES[mode]))


def array(format):
    """The picture of support as an array."""
    of = enlarger.Format.of(format)
    shape = (HEIGHT, WIDTH, of.channel_count)[: 2 if of.channels == "gray" else 3]
    return numpy.frombuffer(pixels(format), DTYPES[of.sample]).reshape(shape)


@functools.cache
def profile():
    """An ICC profile that is far from sRGB: sRGB with red and green exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data)


class Pillow(unittest.TestCase):
    def test_every_mode(self):
        for mode, format in MODES.items():
            with self.subTest(mode=mode):
                made = enlarge(picture(mode))
                self.assertEqual((made.mode, made.size), (mode, (2 * WIDTH, 2 * HEIGHT)))
                self.assertEqual(difference(made.tobytes(), bytes(expected(format).data)), "")

    def test_the_info_is_kept_and_the_profile_counts(self):
        image = picture("RGB")
        image.info.update(icc_profile=profile(), dpi=(300, 300))
        made = enlarge(image)
        self.assertEqual(made.info, image.info)
        wanted = expected("rgb u8", icc_profile=profile())
        self.assertEqual(difference(made.tobytes(), bytes(wanted.data)), "")
        self.assertNotEqual(difference(made.tobytes(), bytes(expected("rgb u8").data)), "")
        # A profile that is named goes before, and is then the result's.
        named = enlarge(picture("RGB"), icc_profile=profile())
        self.assertEqual(named.info, {"icc_profile": profile()})
        self.assertEqual(named.tobytes(), made.tobytes())

    def test_the_source_is_left_alone_and_the_result_can_be_drawn_on(self):
        image = picture("RGBA")
        made = enlarge(image)
        made.putpixel((0, 0), (1, 2, 3, 4))
        made.info["dpi"] = (1, 1)
        self.assertEqual(made.getpixel((0, 0)), (1, 2, 3, 4))
        self.assertEqual((image.tobytes(), image.info), (pixels("rgba u8"), {}))

    def test_what_has_no_fixed_meaning_is_refused_with_a_conversion(self):
        transparent = picture("RGB")
        transparent.info["transparency"] = (0, 0, 0)
        images = [picture("RGB").convert(mode) for mode in ("1", "P", "CMYK", "YCbCr", "LAB", "HSV", "F", "I")]
        for image in [*images, transparent]:
            with self.subTest(mode=image.mode), self.assertRaisesRegex(enlarger.InvalidArgument, "; use |; give an array|; if its values"):
                enlarge(image)
        for image in (images[1], transparent):
            self.assertEqual(enlarge(image.convert("RGBA")).mode, "RGBA")

    def test_a_profile_of_other_pixels_is_refused(self):
        image = picture("L")
        image.info["icc_profile"] = profile()
        with self.assertRaisesRegex(enlarger.InvalidArgument, "ICC profile"):
            enlarge(image)


class Arrays(unittest.TestCase):
    def test_every_dtype_and_number_of_channels(self):
        for channels in ("gray", "gray_alpha", "rgb", "rgba"):
            for sample, dtype in DTYPES.items():
                format = f"{channels} {sample}"
                with self.subTest(format=format):
                    small = array(format)
                    made = enlarge(small)
                    self.assertEqual(made.dtype, dtype)
                    self.assertEqual(made.shape, (2 * HEIGHT, 2 * WIDTH, *small.shape[2:]))
                    self.assertEqual(difference(made.tobytes(), bytes(expected(format).data)), "")

    def test_one_channel_stays_a_dimension(self):
        self.assertEqual(enlarge(array("gray u8")[:, :, None]).shape, (2 * HEIGHT, 2 * WIDTH, 1))

    def test_parts_and_other_byte_orders(self):
        wanted = enlarge(array("rgb u16"))
        room = numpy.zeros((HEIGHT + 3, WIDTH + 5, 4), numpy.uint16)
        room[2:-1, 1:-4, 2::-1] = array("rgb u16")
        swapped = array("rgb u16").astype(">u2")
        for small in (room[2:-1, 1:-4, 2::-1], numpy.asfortranarray(array("rgb u16")), swapped):
            made = enlarge(small)
            self.assertEqual(made.dtype, small.dtype)
            self.assertTrue(numpy.array_equal(made, wanted))

    def test_the_profile_is_an_option(self):
        made = enlarge(array("rgb u8"), icc_profile=profile())
        self.assertEqual(difference(made.tobytes(), bytes(expected("rgb u8", icc_profile=profile()).data)), "")

    def test_what_is_not_a_picture_is_refused_with_a_reason(self):
        for small, words in [
            (numpy.zeros((8, 8), bool), "dtype bool"),
            (numpy.zeros((8, 8, 3)), "dtype float64"),
            (numpy.zeros((8, 8), numpy.int64), "dtype int64"),
            (numpy.zeros((3, 8, 9), numpy.uint8), "moveaxis"),
            (numpy.zeros((2, 8, 9, 3), numpy.uint8), "one by one"),
            (numpy.zeros(8, numpy.uint8), "not a picture"),
            (numpy.zeros((8, 8, 5), numpy.uint8), "1 to 4 channels"),
            (numpy.zeros((0, 8, 3), numpy.uint8), "height"),
            (numpy.ma.masked_array(numpy.zeros((8, 8), numpy.uint8)), "filled"),
        ]:
            with self.subTest(words=words), self.assertRaisesRegex(enlarger.InvalidArgument, words):
                enlarge(small)


class Options(unittest.TestCase):
    def test_images_of_the_package(self):
        format = enlarger.Format.of("rgb u8")
        made = enlarge(enlarger.Image(pixels(format), WIDTH, HEIGHT, format, 3 * WIDTH))
        self.assertEqual(difference(bytes(made.data), bytes(expected(format).data)), "")

    def test_masks_of_every_kind(self):
        mask, image = array("gray u8")[:12, :12], array("rgb u8")[:12, :12]
        with enlarger.Upscaler(preset="crisp", engine="rten") as crisp:
            plain = crisp.run(image, 12, 12, "rgb u8", factor=2).data
            wanted = crisp.run(image, 12, 12, "rgb u8", factor=2, mask=mask.tobytes()).data
            self.assertNotEqual(wanted, plain)
            for kind in (mask, mask.tobytes(), Image.fromarray(mask), mask.astype(numpy.uint16) * 257):
                made = enlarger.enlarge(image, factor=2, mask=kind, upscaler=crisp)
                self.assertEqual(difference(made.tobytes(), bytes(wanted)), "")
        # Without an upscaler it makes one.
        made = enlarger.enlarge(image, preset="crisp", engine="rten", factor=2)
        self.assertEqual(difference(made.tobytes(), bytes(plain)), "")
        self.assertEqual(enlarger.enlarge(picture("L"), method="nearest", factor=3).width, 3 * WIDTH)

    def test_progress_rectangles_and_cancellation(self):
        seen = []
        made = enlarge(array("rgb u8"), rect=(8, 4, 20, 10), progress=lambda progress: seen.append(progress.fraction))
        self.assertTrue(numpy.array_equal(made, enlarge(array("rgb u8"))[8:28, 16:56]))
        self.assertTrue(seen)
        with enlarger.Cancel() as cancel, self.assertRaises(enlarger.Cancelled):
            cancel.request()
            enlarge(array("rgb u8"), cancel=cancel)

    def test_what_was_not_done_as_asked_is_a_warning(self):
        with self.assertWarnsRegex(UserWarning, "method") as caught:
            enlarger.enlarge(array("rgb u8"), method="bicubic", factor=2, denoise=50)
        self.assertEqual(caught.filename, __file__)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            enlarge(array("rgb u8"))

    def test_wrong_arguments(self):
        for image, options, words in [
            ("cat.png", {}, "PIL.Image.open"),
            (b"123", {}, "not bytes"),
            (picture("L"), {"mask": 3.5}, "the mask"),
            (picture("L"), {"out": bytearray(9)}, "no argument 'out'"),
            (picture("L"), {"quality": 9}, "the arguments are: .*preset"),
            (picture("L"), {"preset": "crisp"}, "preset or an upscaler"),
        ]:
            with self.subTest(words=words), self.assertRaisesRegex(TypeError, words):
                enlarge(image, **options)

    def test_nothing_is_imported_for_the_caller(self):
        code = (
            "import sys, enlarger; format = enlarger.Format.of('gray u8')\n"
            "enlarger.enlarge(enlarger.Image(bytes(64), 8, 8, format, 8), method='bicubic', factor=2)\n"
            "assert not {'numpy', 'PIL'} & set(sys.modules)"
        )
        env = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(enlarger.__file__))}
        subprocess.run([sys.executable, "-c", code], env=env, check=True)


if __name__ == "__main__":
    unittest.main()
