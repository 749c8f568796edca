"""The frame of a preview and the divider: plain geometry."""

import unittest

from enlarger import Rect
from enlarger.divider import divider_at, divider_moved, divider_pixel, divider_taken
from enlarger.frame import (
    Look,
    centred,
    enlarged_part,
    fitted,
    frame_of,
    from_thumbnail,
    look_size,
    moved,
    on_thumbnail,
    source_of,
)
from support import upscaler

SOURCE, RESULT = (300, 200), (1110, 740)


class Frames(unittest.TestCase):
    def test_a_zoom_makes_the_frame_smaller(self):
        self.assertEqual(look_size((256, 255), 1), (256, 255))
        self.assertEqual(look_size((256, 255), 2), (128, 128))
        self.assertEqual(look_size((1, 0), 2), (1, 1))

    def test_it_lies_around_the_centre(self):
        frame = frame_of(Look(150, 100, 256, 128), SOURCE, RESULT)
        self.assertEqual(frame, Rect(555 - 128, 370 - 64, 256, 128))

    def test_it_stays_in_the_picture(self):
        for x, y, wanted in [(0, 0, (0, 0)), (300, 200, (854, 612)), (-50, 900, (0, 612))]:
            frame = frame_of(Look(x, y, 256, 128), SOURCE, RESULT)
            self.assertEqual((frame.x, frame.y, frame.width, frame.height), (*wanted, 256, 128))
        self.assertEqual(frame_of(Look(9, 9, 5000, 5000), SOURCE, RESULT), Rect(0, 0, *RESULT))
        self.assertEqual(frame_of(Look(0, 0, 9, 9), (5, 5), (1, 1)), Rect(0, 0, 1, 1))

    def test_it_stays_in_the_selection(self):
        part = Rect(100, 50, 20, 30)
        limits = enlarged_part(part, SOURCE, RESULT)
        self.assertEqual(limits, Rect(370, 185, 74, 111))
        for x, y in [(0, 0), (300, 200), (110, 60)]:
            frame = frame_of(Look(x, y, 64, 64), SOURCE, RESULT, part)
            self.assertGreaterEqual((frame.x, frame.y), (limits.x, limits.y))
            self.assertLessEqual(frame.x + frame.width, limits.x + limits.width)
            self.assertLessEqual(frame.y + frame.height, limits.y + limits.height)
        self.assertEqual(frame_of(Look(110, 60, 256, 256), SOURCE, RESULT, part), limits)

    def test_a_frame_that_was_dragged_beyond_the_edge_comes_back_at_once(self):
        look = centred(Look(-500, 100, 256, 128), SOURCE, RESULT)
        self.assertEqual(frame_of(look, SOURCE, RESULT).x, 0)
        self.assertEqual(frame_of(moved(look, 10, 0, SOURCE, RESULT), SOURCE, RESULT).x, 10)

    def test_moving_counts_pixels_of_the_result(self):
        look = Look(150, 100, 256, 128)
        before = frame_of(look, SOURCE, RESULT)
        after = frame_of(moved(look, -31, 17, SOURCE, RESULT), SOURCE, RESULT)
        self.assertEqual((after.x - before.x, after.y - before.y), (-31, 17))

    def test_the_source_of_a_frame_is_the_smallest_that_covers_it(self):
        for result in [(300, 200), (600, 400), RESULT, (1000, 667), (4800, 3200), (111, 74), (30, 20), (3, 2)]:
            for part in [None, Rect(100, 50, 20, 30), Rect(299, 199, 1, 1), Rect(0, 0, 1, 200)]:
                limits = enlarged_part(part, SOURCE, result)
                for x, y, side in [(0, 0, 1), (37, 21, 7), (110, 60, 64), (300, 200, 3), (150, 100, 10_000)]:
                    frame = frame_of(Look(x, y, side, side), SOURCE, result, part)
                    source = source_of(frame, SOURCE, result, part)
                    with self.subTest(result=result, part=part, frame=frame):
                        made = enlarged_part(source, SOURCE, result)
                        self.assertTrue(contains(made, frame), made)
                        self.assertTrue(contains(part or Rect(0, 0, *SOURCE), source), source)
                        self.assertTrue(contains(limits, made), made)
                        for smaller in smaller_ones(source):
                            self.assertFalse(contains(enlarged_part(smaller, SOURCE, result), frame), smaller)

    def test_the_enlarged_part_is_what_the_library_makes_of_it(self):
        whole = upscaler().plan(*SOURCE, target_width=1110, target_height=740)
        self.assertEqual((whole.width, whole.height), RESULT)
        for part in [Rect(100, 50, 20, 30), Rect(7, 9, 1, 1), Rect(0, 0, 300, 1)]:
            made = enlarged_part(part, SOURCE, RESULT)
            plan = upscaler().plan(*SOURCE, rect=part, target_width=1110, target_height=740)
            self.assertEqual((made.width, made.height), (plan.width, plan.height))


class Thumbnails(unittest.TestCase):
    def test_it_fits_into_its_box(self):
        self.assertEqual(fitted((300, 200), (150, 150)), (150, 100))
        self.assertEqual(fitted((200, 300), (150, 150)), (100, 150))
        self.assertEqual(fitted((10, 10_000), (150, 150)), (1, 150))
        self.assertEqual(fitted((3, 2), (150, 150)), (150, 100))

    def test_the_frame_on_it_and_back(self):
        self.assertEqual(on_thumbnail(Rect(555, 370, 111, 74), RESULT, (150, 100)), (75.0, 50.0, 15.0, 10.0))
        self.assertEqual(from_thumbnail(75, 50, (150, 100), SOURCE), (150.0, 100.0))
        self.assertEqual(from_thumbnail(-9, 500, (150, 100), SOURCE), (0.0, 200.0))


class Dividers(unittest.TestCase):
    def test_its_place_follows_the_pointer(self):
        self.assertEqual([divider_at(x, 200) for x in (-5, 0, 50, 200, 300)], [0.0, 0.0, 0.25, 1.0, 1.0])
        self.assertEqual(divider_at(3, 0), 1.0)
        self.assertEqual([divider_pixel(place, 301) for place in (0.0, 0.5, 1.0, 1.2)], [0, 150, 301, 301])

    def test_it_is_taken_near_it_only(self):
        self.assertEqual([divider_taken(x, 0.5, 200) for x in (91, 92, 100, 108, 109)], [False, True, True, True, False])

    def test_keys_move_it_by_steps_that_come_back(self):
        place = 0.5
        for step in (1, 1, -1, -1):
            place = divider_moved(place, step)
        self.assertEqual((place, divider_moved(0.98, 1), divider_moved(0.0, -1)), (0.5, 1.0, 0.0))


def contains(outer, inner):
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and outer.x + outer.width >= inner.x + inner.width
        and outer.y + outer.height >= inner.y + inner.height
    )


def smaller_ones(rect):
    """The rectangle without one of its edges."""
    if rect.width > 1:
        yield Rect(rect.x + 1, rect.y, rect.width - 1, rect.height)
        yield Rect(rect.x, rect.y, rect.width - 1, rect.height)
    if rect.height > 1:
        yield Rect(rect.x, rect.y + 1, rect.width, rect.height - 1)
        yield Rect(rect.x, rect.y, rect.width, rect.height - 1)
