"""PNG by hand: what the tests give to GIMP and to the `enlarge` command. Standard library only.

Each depth, palette and profile is exactly what the caller says, which no library promises.
"""

import struct
import zlib


def write(path, size, colour, depth, rows, chunks=()):
    """Writes packed rows, samples of 16 bits with the higher byte first. `chunks`: kinds and bodies, before the pixels."""
    head = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, body in [(b"IHDR", head), *chunks, (b"IDAT", pixels), (b"IEND", b"")]:
            file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
