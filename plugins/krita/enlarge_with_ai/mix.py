"""Mixes old and new pixels by the selection, in the layer's own colour space.

Pixels that are selected fully, or not at all, must come out exactly.
"""

import struct
from array import array

# The array type codes of samples, by depth.
TYPES = {"U8": "B", "U16": "H", "F32": "f"}

# Most of a selection is plain. So many pixels that are all selected, or all not selected, are taken at once.
PIECE = 64


def mix(old, new, mask, space):
    """`new` where the mask is 255, `old` where it is 0, and a mixture between; bytes.

    Arguments:
        old, new: pixels of the colour space, of the same length.
        mask: a byte for each pixel.
    """
    size = space.pixel_size
    plain = {0: bytes(PIECE), 255: bytes([255] * PIECE)}
    if len(old) != len(new) or len(old) != len(mask) * size:
        raise ValueError(f"{len(old)} and {len(new)} bytes of pixels do not fit {len(mask)} bytes of the selection")
    mixed = bytearray(new)
    for first in range(0, len(mask), PIECE):
        piece = mask[first : first + PIECE]
        if piece == plain[255]:
            continue
        if piece == plain[0]:
            mixed[first * size : (first + PIECE) * size] = old[first * size : (first + PIECE) * size]
            continue
        for index, amount in enumerate(piece, first):
            if amount == 255:
                continue
            start = index * size
            pixel = old[start : start + size]
            if amount:
                pixel = _mix_pixel(pixel, new[start : start + size], amount, space.depth)
            mixed[start : start + size] = pixel
    return bytes(mixed)


def _mix_pixel(old, new, amount, depth):
    if depth == "F16":
        count = len(old) // 2
        values = zip(struct.unpack(f"={count}e", old), struct.unpack(f"={count}e", new))
        return struct.pack(f"={count}e", *(a + (b - a) * amount / 255 for a, b in values))
    pairs = zip(array(TYPES[depth], old), array(TYPES[depth], new))
    if depth == "F32":
        return array("f", [a + (b - a) * amount / 255 for a, b in pairs]).tobytes()
    return array(TYPES[depth], [(a * (255 - amount) + b * amount + 127) // 255 for a, b in pairs]).tobytes()
