#!/usr/bin/env python3
"""Makes the pictures of the Krita tests: a TIFF for each case, for the `enlarge` command and for Krita.

    pictures.py FOLDER PROFILES      PROFILES: the folder with Krita's ICC profiles

The pictures have edges, texture, gradients and soft transparency; floats also have values above white and below black.
"""

import math
import struct
import sys
from pathlib import Path

import tiff
from cases import CASES, HEIGHT, WIDTH


def drawn(x, y, channel):
    """A sample from 0 to 1; the texture does not repeat."""
    wave = 0.5 + 0.3 * math.sin(x * 0.31 + channel) * math.cos(y * 0.23 - channel) + 0.1 * math.sin(x * y * 0.05)
    edge = 0.35 if (x // 9 + y // 7 + channel) % 2 else 0.0
    return min(max(wave - edge + 0.05 * math.sin(x * 12.9898 + y * 78.233 + channel * 37.7), 0.0), 1.0)


def alpha(x, y):
    """A soft round edge inside a frame. The frame makes the whole picture the layer's bounds in Krita."""
    if x in (0, WIDTH - 1) or y in (0, HEIGHT - 1):
        return 0.6
    return min(max((26 - math.hypot(x - WIDTH / 2, y - HEIGHT / 2)) / 8, 0.0), 1.0)


def main():
    folder, profiles = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        colours, depth = (3 if case.model == "RGBA" else 1), case.depth.lower()
        bits, kind, letter = tiff.DEPTHS[depth]
        samples = []
        for y in range(HEIGHT):
            for x in range(WIDTH):
                pixel = [drawn(x, y, channel) for channel in range(colours)]
                if kind == 3 and x > 50:
                    pixel = [value * 3 - 0.5 for value in pixel]
                pixel.append(alpha(x, y))
                samples += pixel if kind == 3 else [round(value * ((1 << bits) - 1)) for value in pixel]
        pixels = struct.pack(f"<{len(samples)}{letter}", *samples)
        profile = (profiles / case.file).read_bytes()
        tiff.write(folder / f"{case.name}.tif", WIDTH, HEIGHT, colours + 1, depth, pixels, profile)


main()
