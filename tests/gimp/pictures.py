"""Makes the pictures of the GIMP tests: one of each kind of PNG, from test photos.

    pictures.py FOLDER PROFILE.icc

Needs only Python.
"""

import struct
import sys
import zlib
from pathlib import Path

import png

DATA = Path(__file__).parent.parent / "data"
WIDTH, HEIGHT = 61, 47


def read_rgb(path):
    """The rows of a test photo, which is an 8-bit RGB PNG without interlace."""
    data = path.read_bytes()
    at, idat = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (depth, colour) == (8, 2), path
        elif kind == b"IDAT":
            idat += body
        at += 12 + length
    raw, rows, before = zlib.decompress(idat), [], bytes(width * 3)
    for y in range(height):
        start = y * (width * 3 + 1)
        before = unfilter(raw[start], bytearray(raw[start + 1 : start + 1 + width * 3]), before)
        rows.append(before)
    return rows


def unfilter(kind, row, before):
    for i in range(len(row)):
        left, up = row[i - 3] if i >= 3 else 0, before[i]
        corner = before[i - 3] if i >= 3 else 0
        near = min((left, up, corner), key=lambda v: (abs(left + up - corner - v), (left, up, corner).index(v)))
        row[i] = (row[i] + (0, left, up, (left + up) // 2, near)[kind]) & 255
    return bytes(row)


def main():
    folder, profile = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    photo = [row[3 * 70 : 3 * (70 + WIDTH)] for row in read_rgb(DATA / "cat.png")[60 : 60 + HEIGHT]]
    pixels = [[row[3 * x : 3 * x + 3] for x in range(WIDTH)] for row in photo]

    def alpha(x, y):
        """A soft round edge."""
        away = ((x - WIDTH / 2) ** 2 + (y - HEIGHT / 2) ** 2) ** 0.5
        return max(0, min(255, round((24 - away) * 32)))

    def gray(pixel):
        return sum(pixel) // 3

    def deep(value, x, y):
        """16 bits whose lower byte is not a copy of the upper one."""
        return struct.pack(">H", min(value * 257 + (x * 37 + y * 91) % 200, 65535))

    def rows(sample):
        return [b"".join(sample(pixels[y][x], x, y) for x in range(WIDTH)) for y in range(HEIGHT)]

    def save(name, colour, depth, rows, chunks=()):
        png.write(folder / f"{name}.png", (WIDTH, HEIGHT), colour, depth, rows, chunks)

    save("rgb8", 2, 8, rows(lambda p, x, y: p))
    save("rgba8", 6, 8, rows(lambda p, x, y: p + bytes([alpha(x, y)])))
    save("gray8", 0, 8, rows(lambda p, x, y: bytes([gray(p)])))
    save("graya8", 4, 8, rows(lambda p, x, y: bytes([gray(p), alpha(x, y)])))
    save("rgb16", 2, 16, rows(lambda p, x, y: b"".join(deep(v, x, y) for v in p)))
    save("rgba16", 6, 16, rows(lambda p, x, y: b"".join(deep(v, x, y) for v in (*p, alpha(x, y)))))
    save("gray16", 0, 16, rows(lambda p, x, y: deep(gray(p), x, y)))

    icc = [(b"iCCP", b"profile\0\0" + zlib.compress(profile))]
    save("profile16", 2, 16, rows(lambda p, x, y: b"".join(deep(v, x, y) for v in p)), icc)
    palette = bytes(v for i in range(216) for v in (i // 36 * 51, i // 6 % 6 * 51, i % 6 * 51))
    nearest = rows(lambda p, x, y: bytes([(p[0] + 25) // 51 * 36 + (p[1] + 25) // 51 * 6 + (p[2] + 25) // 51]))
    save("indexed", 3, 8, nearest, [(b"PLTE", palette)])


main()
