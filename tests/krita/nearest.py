#!/usr/bin/env python3
"""Makes the model `nearest`: a real network of one node that repeats pixels, so that what is measured is everything else.

    nearest.py FOLDER SCALE      makes FOLDER/nearest, for ENLARGER_MODELS=FOLDER
"""

import hashlib
import struct
import sys
from pathlib import Path

MANIFEST = """schema = 1
id = "nearest"
name = "Nearest"
version = "1"
task = "upscale"
mode = "faithful"
architecture = "nearest"
scale = {scale}
[input]
name = "in"
layout = "nchw"
order = "rgb"
range = [0.0, 1.0]
dtype = "f32"
minimum = 1
multiple = 1
[output]
name = "out"
[tiling]
support = "exact"
halo = 0
overlap = 0
[cost]
bytes_per_pixel = 64
[file]
name = "model.onnx"
size = {size}
sha256 = "{sha256}"
[licence]
weights = "MIT"
commercial = true
attribution = "nobody"
"""


def network(scale):
    """Field numbers are those of the ONNX format (onnx.proto, IR 7)."""

    def attribute(name, value):
        return text(1, name) + text(4, value) + number(20, 3)

    node = text(1, "in") + text(1, "") + text(1, "scales") + text(2, "out") + text(4, "Resize")
    for name, value in [("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]:
        node += field(5, attribute(name, value))
    scales = number(1, 4) + number(2, 1) + text(8, "scales") + field(9, struct.pack("<4f", 1, 1, scale, scale))

    def value(name, sides):
        dims = [number(1, 1), number(1, 3), *(text(2, side) for side in sides)]
        shape = b"".join(field(1, dim) for dim in dims)
        return text(1, name) + field(2, field(1, number(1, 1) + field(2, shape)))

    graph = field(1, node) + text(2, "nearest") + field(5, scales)
    graph += field(11, value("in", ["height", "width"])) + field(12, value("out", ["tall", "wide"]))
    return number(1, 7) + field(7, graph) + field(8, text(1, "") + number(2, 13))


def varint(value):
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def number(place, value):
    return varint(place << 3) + varint(value)


def field(place, data):
    return varint(place << 3 | 2) + varint(len(data)) + data


def text(place, words):
    return field(place, words.encode())


def main():
    folder, scale = Path(sys.argv[1]) / "nearest", int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    data = network(scale)
    sha256 = hashlib.sha256(data).hexdigest()
    (folder / "manifest.toml").write_text(MANIFEST.format(scale=scale, size=len(data), sha256=sha256))
    (folder / "model.onnx").write_bytes(data)


main()
