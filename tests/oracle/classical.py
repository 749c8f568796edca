#!/usr/bin/env python3
"""Makes tests/data/classical: a small picture, and Pillow's resizes of it, which tests/tests/methods.rs compares with ours.

Enlarging is done on encoded values and shrinking in linear light, as the pipeline does. Pillow works on floats here, so
that it does not round between its two passes. Must not be run by the tests: its results are committed.
"""

from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).resolve().parent.parent / "data"
METHODS = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
# No centre of a result pixel lies on the border of two source pixels, where Pillow's nearest depends on rounding; the last
# size is not used for it.
SIZES = [(144, 108), (112, 60), (48, 92), (19, 13)]


def decode(v):
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def encode(v):
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * np.maximum(v, 0) ** (1 / 2.4) - 0.055)


def resized(values, size, method, linear):
    planes = []
    for plane in np.moveaxis(decode(values) if linear else values, 2, 0):
        small = Image.fromarray(plane.astype(np.float32), "F")
        planes.append(np.asarray(small.resize(size, method)))
    result = np.clip(np.stack(planes, 2), 0, 1)
    return encode(result) if linear else result


def main():
    folder = FOLDER / "classical"
    folder.mkdir(exist_ok=True)
    photo = Image.open(FOLDER / "astronaut.png").convert("RGB")
    left, top = photo.width // 2 - 24, photo.height // 2 - 18
    small = photo.crop((left, top, left + 48, top + 36))
    small.save(folder / "source.png")
    values = np.asarray(small, np.float64) / 255
    for name, method in METHODS.items():
        for size in SIZES if name != "nearest" else SIZES[:-1]:
            shrinks = size[0] < 48 and size[1] < 36
            result = resized(values, size, method, shrinks)
            path = folder / f"{name}-{size[0]}x{size[1]}.png"
            Image.fromarray(np.rint(result * 255).astype(np.uint8)).save(path)


main()
