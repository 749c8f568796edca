"""Writes the PNG files that the tests pass to GIMP and to the `enlarge` command. Uses only the standard library.

Depth, palette and profile are exactly those that the caller passes, which libraries do not guarantee.
"""

import struct
import zlib


def write(path, size, colour, depth, rows, chunks=()):
    """Writes packed rows; 16-bit samples have the high byte first. `chunks` are types and bodies, written before the pixels."""
    head = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, body in [(b"IHDR", head), *chunks, (b"IDAT", pixels), (b"IEND", b"")]:
            file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
