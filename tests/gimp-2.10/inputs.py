"""Makes the pictures of the test from a photo: small ones of odd size, one of each kind.

GIMP's results must equal the command's. So colours, alpha and profiles must be unusual: a plug-in that ignores one of them
must fail. It uses only Python's standard library and ImageMagick.
"""

import struct
import subprocess
import sys

import png
import tiff

WIDTH, HEIGHT = 61, 47
photo, folder = sys.argv[1:]


def raw(*options):
    """The samples of the centre of the photo, by ImageMagick."""
    crop = ["-gravity", "center", "-crop", f"{WIDTH}x{HEIGHT}+0+0", "+repage"]
    return subprocess.run(["convert", photo, *crop, *options], check=True, capture_output=True).stdout


def rows(pixels):
    row = len(pixels) // HEIGHT
    return [pixels[y * row : (y + 1) * row] for y in range(HEIGHT)]


def save(name, colour, depth, pixels, chunks=()):
    png.write(f"{folder}/{name}.png", (WIDTH, HEIGHT), colour, depth, rows(pixels), chunks)


def save_floats(name, floats, profile):
    tiff.write(f"{folder}/{name}.tif", WIDTH, HEIGHT, 3, "f32", struct.pack(f"<{len(floats)}f", *floats), profile)


def profile(gamma):
    """A matrix and curve ICC profile far from sRGB, with ProPhoto's primaries."""
    xyz = lambda *values: b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))
    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 78
    text += b"\0" * (-len(text) % 4)
    tags = [
        (b"desc", text), (b"cprt", b"text\0\0\0\0none\0\0\0\0"), (b"wtpt", xyz(0.9642, 1.0, 0.8249)),
        (b"rXYZ", xyz(0.7977, 0.2880, 0.0)), (b"gXYZ", xyz(0.1352, 0.7119, 0.0)), (b"bXYZ", xyz(0.0313, 0.0001, 0.8249)),
        (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve),
    ]
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags:
        table += struct.pack(">4sII", name, at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"\0" * 4, 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + struct.pack(">3i", 63190, 65536, 54061)
    return head + b"\0" * (128 - len(head)) + struct.pack(">I", len(tags)) + table + body


def soft(x, y):
    """Alpha from nothing over all steps to everything."""
    return max(0, min(255, 8 * x - 100 + 2 * y))


rgb = raw("-depth", "8", "rgb:")
gray = raw("-colorspace", "Gray", "-depth", "16", "-endian", "MSB", "gray:")
save("rgb8", 2, 8, rgb)
save("gray16", 0, 16, gray)
save("rgba8", 6, 8, b"".join(rgb[3 * i : 3 * i + 3] + bytes([soft(i % WIDTH, i // WIDTH)]) for i in range(WIDTH * HEIGHT)))
cube = [bytes([r * 85, g * 51, b * 85]) for r in range(4) for g in range(6) for b in range(4)]
nearest = lambda r, g, b: (r + 42) // 85 * 24 + (g + 25) // 51 * 4 + (b + 42) // 85
save("indexed", 3, 8, bytes(nearest(*rgb[i : i + 3]) for i in range(0, len(rgb), 3)), [(b"PLTE", b"".join(cube))])
# Values above white, and between the levels of integer types.
floats = [sample / 255 * 1.1 + 0.00013 * (index % 7) for index, sample in enumerate(rgb)]
save_floats("float", floats, profile(1.8))
save_floats("linear", [max(value, 0.0) ** 1.8 for value in floats], profile(1.0))
