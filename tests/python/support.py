"""What the tests share: small pictures, an upscaler, and functions that compare pixels without NumPy.

Everything runs with the built-in model on the engine rten, which is always available.
"""

import array
import atexit
import functools
import math
import os
import struct
import tempfile

import enlarger

# Times that tests record must not reach the user's cache folder.
_CACHE = tempfile.TemporaryDirectory()
atexit.register(_CACHE.cleanup)
os.environ["XDG_CACHE_HOME"] = _CACHE.name

WIDTH, HEIGHT = 48, 40


@functools.cache
def upscaler():
    """An upscaler for all tests that do not change it."""
    return enlarger.Upscaler(engine="rten", threads=1)


def value(x, y, channel):
    """A sample of a picture with gradients and edges, from 0.0 to 1.0; alpha (channel 3) reaches both ends."""
    if channel == 3:
        return min(1.0, max(0.0, (x - 8) / 24))
    wave = 0.5 + 0.3 * math.sin(x / (3 + channel)) + 0.15 * math.cos(y / 2 + channel)
    return wave if (x // 12 + y // 10) % 2 else 1 - wave


def samples(channels, width=WIDTH, height=HEIGHT):
    """The picture as numbers, row by row; `channels` are indices such as (2, 1, 0, 3) for bgra."""
    return [value(x, y, channel) for y in range(height) for x in range(width) for channel in channels]


ORDERS = {"gray": (0,), "gray_alpha": (0, 3), "rgb": (0, 1, 2), "rgba": (0, 1, 2, 3), "bgra": (2, 1, 0, 3)}


def pixels(format, width=WIDTH, height=HEIGHT):
    """The picture as bytes of a format."""
    format = enlarger.Format.of(format)
    return pack(samples(ORDERS[format.channels], width, height), format)


def pack(numbers, format):
    """Numbers from 0.0 to 1.0 as bytes."""
    sample = enlarger.Format.of(format).sample
    if sample == "u8":
        return bytes(round(number * 255) for number in numbers)
    if sample == "u16":
        return array.array("H", (round(number * 65535) for number in numbers)).tobytes()
    if sample == "f32":
        return array.array("f", numbers).tobytes()
    return struct.pack(f"{len(numbers)}e", *numbers)


def unpack(data, format):
    """Bytes as numbers from 0.0 to 1.0."""
    sample = enlarger.Format.of(format).sample
    kind, most = {"u8": ("B", 255), "u16": ("H", 65535), "f32": ("f", 1), "f16": ("e", 1)}[sample]
    count = len(data) // enlarger.Format.of(format).sample_size
    return [number / most for number in struct.unpack(f"{count}{kind}", bytes(data))]


def furthest(a, b):
    """The largest difference of two lists of numbers."""
    assert len(a) == len(b), (len(a), len(b))
    return max(abs(x - y) for x, y in zip(a, b))


def difference(made, wanted):
    """A short text about the first difference of bytes, or of dicts or lists of bytes; empty if they are equal. unittest's
    own comparison would take hours.
    """
    if isinstance(made, dict):
        made, wanted = [[item for key in sorted(d) for item in (key.encode(), d[key])] for d in (made, wanted)]
    if isinstance(made, list):
        if len(made) != len(wanted):
            return f"{len(made)} items, not {len(wanted)}"
        return next((f"item {i}: {text}" for i, text in enumerate(map(difference, made, wanted)) if text), "")
    if len(made) != len(wanted):
        return f"{len(made)} bytes, not {len(wanted)}"
    return next((f"byte {i} is {a}, not {b}" for i, (a, b) in enumerate(zip(made, wanted)) if a != b), "")


def cut(data, width, pixel_size, rect):
    """The rectangle (x, y, width, height) of rows without padding."""
    left, top, columns, rows = rect
    row = width * pixel_size
    return b"".join(
        bytes(data[y * row + left * pixel_size : y * row + (left + columns) * pixel_size])
        for y in range(top, top + rows)
    )
