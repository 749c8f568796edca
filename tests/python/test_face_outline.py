"""The outlines of faces: where they lie in the frame, what a click hits, and which pixels a line has."""

import math
import unittest
from dataclasses import replace

from enlarger import Rect
from enlarger.face_outline import FaceOutline, outline_at, outline_pixels, outlines
from enlarger.patch import Patch
from made_faces import POINTS, face

SOURCE, RESULT = (300, 200), (1110, 740)


def patch(faces, frame, source=SOURCE, result=RESULT):
    return Patch(frame, result, b"", b"", b"", {}, None, (), source, faces)


def circle(radius, x=50.0, y=50.0):
    corners = 72
    angles = [2 * math.pi * corner / corners for corner in range(corners)]
    return FaceOutline(face(x, y, radius), tuple((x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles))


class Ovals(unittest.TestCase):
    def test_it_goes_around_the_face_and_turns_with_the_eyes(self):
        for degrees in (-170, -90, -30, 0, 20, 90, 180):
            whole = Rect(0, 0, *SOURCE)
            outline = outlines(patch([face(150, 100, 60, degrees)], whole, result=SOURCE))[0]
            sin, cos = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))

            def has(x, y):
                return outline.has(150 + 60 * (x * cos - y * sin), 100 + 60 * (x * sin + y * cos))

            for place in (*POINTS, (0, -0.85), (0, 0.5), (-0.6, -0.17), (0.6, -0.17)):
                self.assertTrue(has(*place), (degrees, place))
            for place in ((0, -0.92), (0, 0.58), (-0.65, -0.17), (0.65, -0.17), (0.55, 0.5)):
                self.assertFalse(has(*place), (degrees, place))

    def test_a_profile_and_points_at_one_place(self):
        one = face(150, 100, 60)
        for eyes, mouth in (((150, 90), (150, 110)), ((150, 100), (150, 100))):
            turned = replace(one, right_eye=eyes, left_eye=eyes, mouth=mouth)
            outline = outlines(patch([turned], Rect(0, 0, *SOURCE), result=SOURCE))[0]
            self.assertTrue(outline.has(150, 100 - 0.8 * 60))
            self.assertFalse(outline.has(150, 100 + 0.6 * 60))

    def test_it_lies_in_pixels_of_the_frame(self):
        frame = Rect(400, 300, 200, 100)
        for zoom in (1, 2):
            outline = outlines(patch([face(150, 100, 20)], frame), zoom)[0]
            x, y = (150 * 3.7 - 400) * zoom, ((100 - 0.17 * 20) * 3.7 - 300) * zoom
            middle = [sum(axis) / len(outline.points) for axis in zip(*outline.points)]
            self.assertAlmostEqual(middle[0], x, places=6)
            self.assertAlmostEqual(middle[1], y, places=6)
            half_axes = 0.62 * 20 * 3.7 * zoom, 0.72 * 20 * 3.7 * zoom
            self.assertAlmostEqual(outline.area, math.pi * half_axes[0] * half_axes[1], delta=0.003 * outline.area)

    def test_only_those_in_the_frame(self):
        near, far = face(150, 100, 20), face(20, 20, 20)
        self.assertEqual([o.face for o in outlines(patch([far, near], Rect(400, 300, 200, 100)))], [near])
        for faces in (None, []):
            self.assertEqual(outlines(patch(faces, Rect(400, 300, 200, 100))), [])


class Clicks(unittest.TestCase):
    def test_of_several_the_smallest(self):
        large, small = circle(40), circle(10)
        for x, y, wanted in [(50, 50, small), (55, 50, small), (75, 50, large), (95, 50, None), (50, 5, None)]:
            for shown in ([large, small], [small, large]):
                self.assertIs(outline_at(shown, x, y), wanted, (x, y))
        self.assertIsNone(outline_at([], 50, 50))


class Lines(unittest.TestCase):
    def test_a_light_line_in_a_dark_one(self):
        for scale in (1, 2):
            dark, light = outline_pixels(circle(30), (100, 100), scale, False)
            self.assertFalse(dark & light)
            for x, y in light:
                self.assertLess(abs(math.hypot(x + 0.5 - 50, y + 0.5 - 50) - 30), 1.0 * scale)
            # Whichever way one leaves the middle, one crosses dark, light and dark.
            for degrees in range(0, 360, 5):
                cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
                met = []
                for step in range(480):
                    place = math.floor(50 + step / 10 * cos), math.floor(50 + step / 10 * sin)
                    kind = "dark" if place in dark else "light" if place in light else "none"
                    if not met or met[-1] != kind:
                        met.append(kind)
                self.assertEqual([met[0], *(k for k in met if k != "none"), met[-1]].count("none"), 2, met)
                self.assertIn("light", met, degrees)

    def test_a_dashed_one_has_gaps(self):
        whole, dashed = (outline_pixels(circle(30), (100, 100), 1, kind)[1] for kind in (False, True))
        self.assertLess(dashed, whole)
        self.assertAlmostEqual(len(dashed) / len(whole), 6 / 11, delta=0.12)

    def test_nothing_outside_the_frame(self):
        for outline in (circle(30, 0, 0), circle(400, 50, 50), circle(5000, 5030, 50)):
            places = set().union(*outline_pixels(outline, (100, 80), 2, False))
            self.assertTrue(all(0 <= x < 100 and 0 <= y < 80 for x, y in places))
        self.assertTrue(outline_pixels(circle(5000, 5030, 50), (100, 80), 1, False)[1])


if __name__ == "__main__":
    unittest.main()
