"""ICC profiles for the matrix, and the colours that they describe.

Written byte by byte, so that no library that Enlarger uses takes part. Version 2, matrix and curves only.
"""

import struct

import numpy as np

# Linear sRGB to XYZ with the white D50, Bradford adapted; IEC 61966-2-1 and ICC.1, annex E.
SRGB_TO_XYZ = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
# The same for Display P3.
P3_TO_XYZ = np.array(
    [[0.5151187, 0.2919778, 0.1571035], [0.2411892, 0.6922441, 0.0665668], [-0.0010505, 0.0418791, 0.7840713]]
)
GAMMA = 2.199951171875  # 2 + 51 / 256, which a profile can store exactly


def _tag_xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def _tag_gamma():
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(GAMMA * 256)) + b"\0\0"


def _tag_text(kind, text):
    if kind == b"desc":
        body = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(8 + 3 + 67)
    else:
        body = b"text\0\0\0\0" + text + b"\0"
    return body + bytes(-len(body) % 4)


def _profile(space, tags):
    offset = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, body in tags:
        table += struct.pack(">4sII", name, offset + len(data), len(body))
        data += body
    size = offset + len(data)
    header = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"mntr", space, b"XYZ ") + bytes(12)
    header += b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + data


def rgb():
    """A profile with the primaries of Display P3 and a pure power."""
    columns = P3_TO_XYZ.T
    tags = [(b"desc", _tag_text(b"desc", b"Matrix test RGB")), (b"cprt", _tag_text(b"text", b"none"))]
    tags += [(b"wtpt", _tag_xyz((0.9642, 1.0, 0.8249)))]
    tags += [(name, _tag_xyz(column)) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns)]
    tags += [(name, _tag_gamma()) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(b"RGB ", tags)


def gray():
    """A gray profile with a pure power."""
    tags = [(b"desc", _tag_text(b"desc", b"Matrix test gray")), (b"cprt", _tag_text(b"text", b"none"))]
    tags += [(b"wtpt", _tag_xyz((0.9642, 1.0, 0.8249))), (b"kTRC", _tag_gamma())]
    return _profile(b"GRAY", tags)


def srgb_to_linear(values):
    values = np.asarray(values, float)
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4)


def to_linear_srgb(values, profiled):
    """Linear light with the primaries of sRGB, of values 0 to 1 in sRGB or in one of the profiles above."""
    if not profiled:
        return srgb_to_linear(values)
    linear = np.asarray(values, float) ** GAMMA
    if linear.shape[-1] == 1:
        return linear
    return linear @ (np.linalg.inv(SRGB_TO_XYZ) @ P3_TO_XYZ).T
