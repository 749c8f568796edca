"""The pixels of the preview: its patches are parts of the final result."""

import struct
import threading
import unittest

from enlarger import Rect
from enlarger.frame import Look, enlarged_part
from preview_window import HEIGHT, LEVEL, WIDTH, Window, cut, final, photo
from support import pixels, samples


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
