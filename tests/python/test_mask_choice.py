"""Where the network is used: the choices, and what they make of a picture."""

import unittest

from enlarger import InvalidArgument
from enlarger.host import Picture
from enlarger.mask_choice import CHOICES, EVERYWHERE, SELECTION, mask_choice, require_rest


class Choices(unittest.TestCase):
    def test_ids(self):
        self.assertEqual(len({choice.id for choice in CHOICES}), 5)
        for choice in CHOICES:
            self.assertIs(mask_choice(choice.id), choice)
            self.assertTrue(choice.label and choice.help)
        with self.assertRaisesRegex(InvalidArgument, "use one of: everywhere, selection"):
            mask_choice("somewhere")

    def test_a_picture_gets_its_own_mask(self):
        pictures = [Picture(f"layer {key}", 2, 1, "gray u8", settings={"factor": 2.0}, key=key) for key in range(2)]
        masks = {1: b"\x00\xff"}
        for choice in CHOICES[1:]:
            unmasked, masked = (choice.apply(picture, masks) for picture in pictures)
            self.assertIs(unmasked, pictures[0])
            self.assertEqual((masked.mask, masked.settings), (b"\x00\xff", {"factor": 2.0, "mask_white": choice.white}))
        self.assertEqual({choice.white for choice in CHOICES}, {"apply", "protect"})

    def test_layers_without_a_mask_are_told(self):
        for choice in CHOICES:
            notes = choice.notes(["sky"])
            self.assertEqual(notes, ["'sky' has no mask, so the network is used in all of it."] * ("layer" in choice.id))

    def test_where_only_the_selection_is_enlarged(self):
        for choice in CHOICES:
            if choice.id == "protect-selection":
                self.assertEqual(choice.origin, SELECTION)
                with self.assertRaisesRegex(InvalidArgument, "invert the selection"):
                    require_rest(choice)
            else:
                require_rest(choice)
        self.assertEqual(EVERYWHERE.origin, "")


if __name__ == "__main__":
    unittest.main()
