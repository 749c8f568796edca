"""What the makers of files share: the picture, the folder, and what is expected of each file."""

import struct
import tempfile
from pathlib import Path

import numpy as np
import tifffile

FOLDER = Path(tempfile.mkdtemp())
WIDTH, HEIGHT = 53, 37
# By the name of a file: its pixels or the refusal, the tolerance, and what else is said.
expected = {}


def scene(channels, dtype=np.uint8, top=None):
    """A smooth picture with some detail, so that lossy formats stay near."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / np.array([HEIGHT, WIDTH]).reshape(2, 1, 1)
    planes = [x, y, (x + y) / 2, 1 - x, np.abs(x - 0.5), 1 - y][:channels]
    a = np.stack([0.1 + 0.8 * p for p in planes], -1)
    a[5:9, 7:20] = 0.9 - 0.8 * a[5:9, 7:20]
    if np.issubdtype(dtype, np.floating):
        a = a.astype(dtype)
    else:
        a = np.round(a * (top or np.iinfo(dtype).max)).astype(dtype)
    return a[..., 0] if channels == 1 else a


def expect(name, pixels, tolerance=0, **said):
    """The file of this name reads as these pixels, or, if they are text, is refused with that."""
    expected[name] = (pixels, tolerance, said)


def put(name, data, pixels, tolerance=0, **said):
    (FOLDER / name).write_bytes(data)
    expect(name, pixels, tolerance, **said)


def tif(name, data, pixels, tolerance=0, said=None, **options):
    """A TIFF by tifffile."""
    tifffile.imwrite(FOLDER / name, data, metadata=None, **options)
    expect(name, pixels, tolerance, **(said or {}))


def fields(name, tags, data, big_endian=False):
    """A TIFF of one strip by hand: tag, type, values."""
    e = ">" if big_endian else "<"
    letters = {1: "B", 2: "B", 3: "H", 4: "I", 7: "B", 12: "d", 11: "f"}
    tags = sorted([*tags, (273, 4, [8]), (279, 4, [len(data)])])
    at = 8 + len(data) + len(data) % 2
    extra_at = at + 2 + 12 * len(tags) + 4
    directory, extra = struct.pack(e + "H", len(tags)), b""
    for tag, kind, values in tags:
        if kind == 5:
            body, count = b"".join(struct.pack(e + "II", round(v * 1000000), 1000000) for v in values), len(values)
        else:
            body, count = struct.pack(f"{e}{len(values)}{letters[kind]}", *values), len(values)
        if len(body) <= 4:
            place = body.ljust(4, b"\0")
        else:
            place, extra = struct.pack(e + "I", extra_at + len(extra)), extra + body + bytes(len(body) % 2)
        directory += struct.pack(e + "HHI", tag, kind, count) + place
    head = (b"MM\0*" if big_endian else b"II*\0") + struct.pack(e + "I", at)
    (FOLDER / name).write_bytes(head + data + bytes(len(data) % 2) + directory + bytes(4) + extra)


def basic(bits, samples, photometric, *more, width=WIDTH, height=HEIGHT):
    return [
        (256, 4, [width]),
        (257, 4, [height]),
        (258, 3, [bits] * samples),
        (262, 3, [photometric]),
        (277, 3, [samples]),
        (278, 4, [height]),
        *more,
    ]


def pack(a, bits):
    """Rows of samples, the highest bit first, each row from a whole byte."""
    rows = a.reshape(a.shape[0], -1)
    out = b""
    for row in rows:
        text = "".join(f"{int(v):0{bits}b}" for v in row)
        text += "0" * (-len(text) % 8)
        out += bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))
    return out
