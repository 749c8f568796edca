#!/usr/bin/env python3
"""Cuts 100 different crops out of real photos, for the test against false alarms.

    pip install -r tests/oracle/requirements.txt
    python tests/oracle/photos.py DIR

Writes
    DIR/photos.rgb   100 crops, each 96x96 pixels of 8-bit RGB, one after another
    DIR/photos.txt   where each came from: number, file, scale, left, top

The photos are those inside the scikit-image wheel that it calls public domain
or CC0. Nothing is downloaded. Two runs give the same bytes.
"""

import argparse
import hashlib
import sys
from pathlib import Path

try:
    import numpy as np
    import skimage
    from PIL import Image
except ImportError as missing:
    sys.exit(f"error: {missing}. First: pip install -r tests/oracle/requirements.txt")

SIDE = 96
COUNT = 100

# file, sha256, crops at full size, crops at half size.
# Colour photos first. The gray ones add a person, grass and a moving camera.
# The rocket is left out: its licence is disputed.
PHOTOS = [
    (
        "astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        17,
        3,
    ),
    (
        "chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        10,
        2,
    ),
    (
        "coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        16,
        4,
    ),
    (
        "hubble_deep_field.jpg",
        "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
        10,
        4,
    ),
    (
        "retina.jpg",
        "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
        8,
        6,
    ),
    (
        "camera.png",
        "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
        10,
        2,
    ),
    (
        "clock_motion.png",
        "f029226b28b642e80113d86622e9b215ee067a0966feaf5e60604a1e05733955",
        4,
        0,
    ),
    (
        "grass.png",
        "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
        3,
        1,
    ),
]

# A crop whose values span less than this is empty: the black round the retina.
EMPTY = 16


class Failed(Exception):
    """A problem that the user can solve. Its text is the message."""


def read_photo(name, wanted):
    """The photo as [H,W,3] uint8. Its file must be the known one."""
    path = Path(skimage.__file__).parent / "data" / name
    try:
        data = path.read_bytes()
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
    except OSError as why:
        raise Failed(f"scikit-image {skimage.__version__}: {name}: {why}") from None
    if hashlib.sha256(data).hexdigest() != wanted:
        raise Failed(f"scikit-image {skimage.__version__} has a different {name}")
    return pixels


def halved(pixels):
    """Half the size: each pixel is the rounded mean of a 2x2 box."""
    height, width = (side // 2 * 2 for side in pixels.shape[:2])
    boxes = pixels[:height, :width].reshape(height // 2, 2, width // 2, 2, 3)
    return ((boxes.sum(axis=(1, 3), dtype=np.uint16) + 2) // 4).astype(np.uint8)


def crops(pixels, count, name):
    """`count` crops from a grid, spread evenly over it, none overlapping."""
    height, width = pixels.shape[:2]
    cells = []
    for top in range(0, height - SIDE + 1, SIDE):
        for left in range(0, width - SIDE + 1, SIDE):
            crop = pixels[top : top + SIDE, left : left + SIDE]
            if int(crop.max()) - int(crop.min()) >= EMPTY:
                cells.append((left, top, crop))
    if len(cells) < count:
        raise Failed(f"{name} has only {len(cells)} crops, not {count}")
    return [cells[index * len(cells) // count] for index in range(count)]


def gather():
    """All crops as bytes, and a line about each."""
    found, lines = [], []
    for name, wanted, full, half in PHOTOS:
        pixels = read_photo(name, wanted)
        for scale, picture, count in (
            ("1", pixels, full),
            ("1/2", halved(pixels), half),
        ):
            for left, top, crop in crops(picture, count, name):
                lines.append(f"{len(found)} {name} {scale} {left} {top}")
                found.append(crop.tobytes())
    if len(found) != COUNT or len(set(found)) != COUNT:
        raise Failed(f"{len(found)} crops, {len(set(found))} different; not {COUNT}")
    return found, lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="DIR", help="folder to write into")
    args = parser.parse_args()
    found, lines = gather()
    args.out.mkdir(parents=True, exist_ok=True)
    data = b"".join(found)
    (args.out / "photos.rgb").write_bytes(data)
    (args.out / "photos.txt").write_text("\n".join(lines) + "\n")
    print(f"{len(found)} crops of {len(PHOTOS)} photos, {len(data)} bytes")
    print(f"sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    try:
        main()
    except (Failed, OSError) as why:
        sys.exit(f"error: {why}")
