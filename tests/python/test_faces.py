"""Faces: found in pictures of every kind, row by row too, and stopped."""

import pathlib
import unittest

import enlarger
import numpy
from PIL import Image

PORTRAIT = pathlib.Path(__file__).parents[1] / "data" / "astronaut.png"
# The tip of the nose, read off the picture.
NOSE = (92, 124)


def portrait():
    with Image.open(PORTRAIT) as picture:
        return picture.convert("RGB")


class Faces(unittest.TestCase):
    def assert_portrait(self, faces):
        self.assertEqual(len(faces), 1, faces)
        face = faces[0]
        for found, wanted in zip(face.nose, NOSE):
            self.assertLess(abs(found - wanted), 10, face)
        self.assertLess(face.left, face.right_eye[0])
        self.assertLess(face.right_eye[0], face.left_eye[0])
        self.assertLess(face.left_eye[0], face.left + face.width)
        self.assertLess(face.nose[1], face.mouth[1])
        self.assertGreater(face.score, 0.6)

    def test_a_face_is_found_in_pictures_of_every_kind(self):
        picture = portrait()
        deep = numpy.asarray(picture).astype(numpy.uint16) * 257
        for image in (picture, numpy.asarray(picture), deep, picture.convert("L")):
            with self.subTest(kind=type(image)):
                self.assert_portrait(enlarger.find_faces(image))

    def test_a_face_is_found_row_by_row(self):
        pixels, shares, rows = numpy.asarray(portrait()), [], []

        def read(x, y, width):
            rows.append((x, y, width))
            return pixels[y, x : x + width].tobytes()

        height, width = pixels.shape[:2]
        self.assert_portrait(enlarger.stream_faces(read, width, height, "rgb u8", progress=shares.append))
        self.assertEqual(rows, [(0, y, width) for y in range(height)])
        self.assertEqual(shares, sorted(shares))
        self.assertEqual(shares[-1], 1)

    def test_no_face_is_found_where_there_is_none(self):
        self.assertEqual(enlarger.find_faces(numpy.full((80, 90, 3), 100, numpy.uint8)), [])

    def test_a_search_can_be_stopped(self):
        picture = portrait()
        with self.assertRaises(enlarger.Cancelled):
            enlarger.find_faces(picture, progress=lambda share: share < 0.5)
        cancel = enlarger.Cancel()
        cancel.request()
        with self.assertRaises(enlarger.Cancelled):
            enlarger.find_faces(picture, cancel=cancel)

        def fail(*_):
            raise KeyError("row")

        with self.assertRaises(KeyError):
            enlarger.stream_faces(fail, 40, 40, "rgb u8")

    def test_wrong_arguments_are_refused(self):
        with self.assertRaises(TypeError):
            enlarger.find_faces("picture.png")
        with self.assertRaises(enlarger.ModelError):
            enlarger.find_faces(portrait(), engine="winograd")
        with self.assertRaises(enlarger.InvalidArgument):
            enlarger.find_faces(portrait(), engin="rten")


if __name__ == "__main__":
    unittest.main()
