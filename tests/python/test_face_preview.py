"""Faces in previews and jobs: found once, treated alike in both, and left out where the user says."""

import os
import unittest
from dataclasses import replace

from enlarger.comparison import Choice
from enlarger.frame import Look
from enlarger.job import Job
from enlarger.upscaler_cache import UpscalerCache
from fake_host import FakeHost, layer
from PIL import Image
from preview_window import LEVEL, SETTINGS, Window, cut, final
from support import pixels

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")
PORTRAIT = {"preset": "portrait"}
UPSCALERS = UpscalerCache()


def two_faces():
    """A picture with two faces side by side: the same photo twice."""
    with Image.open(os.path.join(FOLDER, "astronaut.png")) as photo:
        width, height = photo.size
        both = Image.new("RGB", (2 * width, height))
        for x in (0, width):
            both.paste(photo, (x, 0))
    return layer("two", "rgb u8", *both.size, both.tobytes())


def middle(face):
    return face.left + face.width / 2, face.top + face.height / 2


class Faces(unittest.TestCase):
    def setUp(self):
        self.photo = two_faces()
        self.picture = self.photo[0]
        self.window = Window(self, self.photo, upscalers=UPSCALERS)

    def patch(self, look=None, left_out=(), **settings):
        self.window.pictures = [replace(self.picture, faces_left_out=tuple(left_out))]
        return self.window.patch(look or Look(self.picture.width / 2, 80, 500, 160), **{**PORTRAIT, **settings})

    def whole_reads(self):
        """How often the whole picture was read since the last call."""
        rows = sum(rect.height for _, rect in self.window.host.reads if rect.width == self.picture.width)
        self.window.host.reads.clear()
        return rows // self.picture.height

    def test_they_are_looked_for_once_and_only_where_they_are_treated(self):
        self.assertIsNone(self.patch(preset="natural").faces)
        self.assertEqual(self.whole_reads(), 0)
        found = self.patch().faces
        self.assertEqual(len(found), 2)
        left, right = sorted(found, key=lambda face: face.left)
        self.assertAlmostEqual(right.left - left.left, self.picture.width / 2, delta=4)
        # Once for faces, once for their noise level.
        self.assertLessEqual(self.whole_reads(), 2)
        for change in ({"strength": 60}, {"factor": 3}, {"left_out": [middle(left)]}):
            self.assertEqual(self.patch(**change).faces, found)
            self.assertEqual(self.whole_reads(), 0, change)
        for change in ({"preset": "natural"}, {"faces": "off"}, {"method": "bicubic"}):
            self.assertIsNone(self.patch(**change).faces, change)
        self.assertEqual(self.patch(preset="natural", faces="keep").faces, found)

    def test_what_is_left_out_is_enlarged_like_the_rest(self):
        both, natural = self.patch(), self.patch(preset="natural")
        left, right = sorted(both.faces, key=lambda face: face.left)
        one, none = (self.patch(left_out=map(middle, faces)) for faces in ([left], [left, right]))

        def differs(a, b, face):
            """Whether the middles of a face differ in two patches."""
            x, y = (round(2 * side) for side in middle(face))
            rows = [((y + row - a.frame.y) * a.frame.width + x - a.frame.x) * 4 for row in range(-8, 8)]
            return any(a.after[start - 32 : start + 32] != b.after[start - 32 : start + 32] for start in rows)

        self.assertTrue(differs(both, natural, left) and differs(both, natural, right))
        self.assertFalse(differs(one, natural, left))
        self.assertFalse(differs(one, both, right))
        self.assertEqual(none.after, natural.after)
        self.assertEqual(none.faces, both.faces)

    def test_the_job_treats_the_same_ones(self):
        face = self.patch().faces[0]
        for left_out in ((), (middle(face),)):
            patch = self.patch(left_out=left_out)
            picture = replace(self.picture, faces_left_out=left_out)
            made, width = final(picture, self.photo[1], **PORTRAIT)
            worst = max(abs(a - b / 255) for a, b in zip(cut(made, width, patch.frame, 4), patch.after))
            self.assertLessEqual(worst, LEVEL, left_out)

    def test_a_comparison_treats_them_where_its_choices_do(self):
        self.patch(preset="natural")
        self.whole_reads()
        look = Look(self.picture.width / 2, 80, 64, 64)
        self.window.preview.compare([Choice(name, "", {"preset": name}) for name in ("natural", "portrait")], look)
        cells = self.window.wait().cells
        self.assertEqual([cell.problem for cell in cells], [None, None])
        self.assertEqual([cell.patch.faces and len(cell.patch.faces) for cell in cells], [None, 2])
        self.assertGreaterEqual(self.whole_reads(), 1)

    def test_each_picture_has_its_own(self):
        other = layer("other", "rgb u8", 96, 64, pixels("rgb u8", 96, 64))
        window = Window(self, self.photo, other, upscalers=UPSCALERS)
        for shown, count in ((0, 2), (1, 0)):
            window.preview.request(window.pictures, {**SETTINGS, **PORTRAIT}, Look(40, 30, 32, 24), shown)
            self.assertEqual(len(window.wait().patch.faces), count)


class Jobs(unittest.TestCase):
    def run_job(self, photo, places=(), **settings):
        picture, data = photo
        host = FakeHost([(replace(picture, faces_left_out=tuple(places)), data)])
        # Without the notes that a preview has shown.
        UPSCALERS.shown_notes.clear()
        Job(host, {**SETTINGS, **PORTRAIT, **settings}, UPSCALERS).run()
        return host

    def test_a_place_without_a_face_is_told(self):
        host = self.run_job(two_faces(), [(3, 220.5)])
        self.assertIn("No face was found at 3, 220.5 in 'two', so none is left out there.", host.messages)
        self.assertEqual(self.run_job(two_faces()).document, host.document)
        # Where faces are not treated, nothing is left out either, and nothing is looked for.
        self.assertEqual(self.run_job(two_faces(), [(3, 220.5)], faces="off").messages, [])

    def test_it_says_what_it_does(self):
        texts = self.run_job(two_faces()).texts
        self.assertIn("Looking for faces in two", texts)

    def test_without_a_face(self):
        cat = layer("cat", "rgb u8", 96, 64, pixels("rgb u8", 96, 64))
        host = self.run_job(cat)
        self.assertEqual(host.document, self.run_job(cat, preset="natural").document)
        self.assertEqual(host.messages, ["No face was found, so the whole picture is enlarged alike."])


if __name__ == "__main__":
    unittest.main()
