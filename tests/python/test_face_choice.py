"""Which faces are left out: places that name faces, and texts of them."""

import struct
import unittest

from enlarger import InvalidArgument
from enlarger.face_choice import FaceChoice, choice_of, face_points, left_out, without_a_face
from made_faces import face

SMALL, LARGE, FAR = face(50, 60, 20), face(60, 60, 100), face(300, 200, 31.3)
FACES = [LARGE, SMALL, FAR]


class Places(unittest.TestCase):
    def test_a_place_names_the_face_whose_middle_is_nearest(self):
        for place, named in [
            ((50, 60), [SMALL]),
            # In the box of both.
            ((57, 60), [LARGE]),
            ((100, 100), [LARGE]),
            ((300, 200), [FAR]),
            ((200, 200), []),
            ((110.5, 60), []),
        ]:
            self.assertEqual(left_out(FACES, [place]), named, place)
        self.assertEqual(left_out(FACES, [(300, 200), (301, 201), (50, 60)]), [SMALL, FAR])
        self.assertEqual(left_out([], [(300, 200)]), [])

    def test_places_without_a_face(self):
        self.assertEqual(without_a_face(FACES, [(300, 200), (200, 200), (50, 60), (0, 0)]), [(200, 200), (0, 0)])

    def test_the_option_has_17_floats_for_each_face_that_is_left(self):
        data = face_points(FACES, [(50, 60)])
        numbers = struct.unpack("=34f", data)
        for of, found in ((LARGE, numbers[:17]), (FAR, numbers[17:])):
            points = of.right_eye, of.left_eye, of.nose, of.mouth, of.right_ear, of.left_ear
            wanted = [of.left, of.top, of.width, of.height, *(n for point in points for n in point), of.score]
            for a, b in zip(found, wanted):
                self.assertAlmostEqual(a, b, places=3)
        self.assertEqual(face_points(FACES, [(50, 60), (60, 60), (300, 200)]), b"")
        self.assertEqual(len(face_points(FACES, [])), 3 * 17 * 4)


class Choice(unittest.TestCase):
    def test_each_picture_has_its_own(self):
        choice = FaceChoice()
        choice.switch(1, FACES, FAR)
        choice.switch(1, FACES, SMALL)
        choice.switch(2, FACES, LARGE)
        self.assertEqual(left_out(FACES, choice.places(1)), [SMALL, FAR])
        self.assertEqual(left_out(FACES, choice.places(2)), [LARGE])
        self.assertEqual(choice.places(3), ())
        choice.switch(1, FACES, FAR)
        self.assertEqual(left_out(FACES, choice.places(1)), [SMALL])
        choice.switch(1, FACES, SMALL)
        self.assertEqual(choice.places(1), ())

    def test_every_face_can_be_left_out_and_taken_in_again(self):
        """Also one in the middle of a larger one, and one whose middle lies between pixels."""
        faces = [face(100, 100, 20), face(101, 98, 300), *(face(x / 3, 17.1, 16) for x in range(60, 400, 50))]
        for one in faces:
            choice = FaceChoice()
            choice.switch(0, faces, one)
            self.assertEqual(left_out(faces, choice.places(0)), [one])
            choice.switch(0, faces, one)
            self.assertEqual(choice.places(0), ())

    def test_a_place_that_names_no_face_stays(self):
        """The search of another version may find a face there."""
        choice = FaceChoice([(1, [(200, 200)])])
        choice.switch(1, FACES, FAR)
        choice.switch(1, FACES, FAR)
        self.assertEqual(choice.places(1), ((200, 200),))


class Texts(unittest.TestCase):
    def test_there_and_back(self):
        choice = FaceChoice([(1, [(120, 80), (300.5, 95)]), (2, []), (11, [(-33, 12345.5)])])
        self.assertEqual(choice.text, "1: 120,80 300.5,95; 11: -33,12345.5")
        again = choice_of(choice.text)
        for number in (1, 2, 11):
            self.assertEqual(again.places(number), choice.places(number))
        self.assertEqual(FaceChoice().text, "")

    def test_what_people_write(self):
        for text, places in [
            ("", {1: ()}),
            (" ; ", {1: ()}),
            ("120,80 300,95", {1: ((120, 80), (300, 95))}),
            ("120,80; 1:300,95;2 : 1,2", {1: ((120, 80), (300, 95)), 2: ((1, 2),)}),
        ]:
            for number, wanted in places.items():
                self.assertEqual(choice_of(text).places(number), wanted, text)

    def test_nonsense(self):
        for text in ("all", "1,2,3", "12", "x: 1,2", "1: 1;2", "1: nan,2", "1: 1,inf", "0: 1,2", "-1: 1,2"):
            with self.assertRaisesRegex(InvalidArgument, "x,y in pixels of the layer", msg=text):
                choice_of(text)


if __name__ == "__main__":
    unittest.main()
