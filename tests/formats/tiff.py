"""Writes the TIFF files that the tests pass to the `enlarge` command, and reads its results. Uses only the standard library.

Supports only what these tests need. Both are little-endian with interleaved channels. Written files have one strip; read files
may have several, deflate and its predictor.
"""

import struct
import zlib
from array import array

TYPES = {1: "B", 2: "s", 3: "H", 4: "I", 16: "Q"}
# Depth: bits, TIFF's sample format, struct's letter.
DEPTHS = {"u8": (8, 1, "B"), "u16": (16, 1, "H"), "f16": (16, 3, "e"), "f32": (32, 3, "f")}


def write(path, width, height, channels, depth, pixels, profile=b""):
    """Writes packed pixels: 1 or 3 channels, or 2 or 4 with straight alpha last."""
    bits, kind, _ = DEPTHS[depth]
    assert len(pixels) == width * height * channels * bits // 8
    data = zlib.compress(pixels)
    fields = [
        (256, "I", [width]),
        (257, "I", [height]),
        (258, "H", [bits] * channels),
        (259, "H", [8]),
        (262, "H", [2 if channels > 2 else 1]),
        (273, "I", [8]),
        (277, "H", [channels]),
        (278, "I", [height]),
        (279, "I", [len(data)]),
        (284, "H", [1]),
    ]
    if channels in (2, 4):
        fields.append((338, "H", [2]))
    fields.append((339, "H", [kind] * channels))
    if profile:
        fields.append((34675, "s", profile))
    at = 8 + len(data) + len(data) % 2
    rest = at + 2 + 12 * len(fields) + 4
    directory, extra = struct.pack("<H", len(fields)), b""
    for tag, letter, values in fields:
        number = {"H": 3, "I": 4, "s": 7}[letter]
        body = values if letter == "s" else struct.pack(f"<{len(values)}{letter}", *values)
        if len(body) > 4:
            place, extra = struct.pack("<I", rest + len(extra)), extra + body + bytes(len(body) % 2)
        else:
            place = body.ljust(4, b"\0")
        directory += struct.pack("<HHI", tag, number, len(values)) + place
    with open(path, "wb") as file:
        file.write(b"II*\0" + struct.pack("<I", at) + data + bytes(len(data) % 2))
        file.write(directory + bytes(4) + extra)


def read(path):
    """Width, height, channels, depth and packed pixels."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:4] == b"II*\0", f"{path} is not a little-endian TIFF file"
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    tags = {}
    for index in range(count):
        tag, kind, length = struct.unpack_from("<HHI", data, at + 2 + 12 * index)
        letter = TYPES.get(kind, "B")
        size = struct.calcsize(f"<{length}{letter}")
        place = at + 10 + 12 * index
        if size > 4:
            (place,) = struct.unpack_from("<I", data, place)
        tags[tag] = struct.unpack_from(f"<{length}{letter}", data, place)
    width, height, channels = tags[256][0], tags[257][0], tags.get(277, (1,))[0]
    kind = (tags[258][0], tags.get(339, (1,))[0])
    depth = next(name for name, (bits, format, _) in DEPTHS.items() if (bits, format) == kind)
    assert tags[259][0] in (1, 8, 32946), f"{path} is compressed by method {tags[259][0]}"
    strips = [data[start : start + size] for start, size in zip(tags[273], tags[279])]
    pixels = b"".join(strips if tags[259][0] == 1 else map(zlib.decompress, strips))
    if tags.get(317, (1,))[0] == 2:
        pixels = _undo_differences(pixels, width, channels, depth)
    assert len(pixels) == width * height * channels * kind[0] // 8, path
    return width, height, channels, depth, pixels


def _undo_differences(pixels, width, channels, depth):
    samples, most = array(DEPTHS[depth][2], pixels), (1 << DEPTHS[depth][0]) - 1
    for row in range(0, len(samples), width * channels):
        for index in range(row + channels, row + width * channels):
            samples[index] = (samples[index] + samples[index - channels]) & most
    return samples.tobytes()


def values(pixels, depth):
    """Samples as floats, 1.0 for white."""
    bits, kind, letter = DEPTHS[depth]
    samples = struct.unpack(f"<{len(pixels) * 8 // bits}{letter}", pixels)
    return list(samples) if kind == 3 else [sample / ((1 << bits) - 1) for sample in samples]
