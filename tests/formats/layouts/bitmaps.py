"""TGA and BMP files by hand, and small formats."""

import struct

import numpy as np
from PIL import Image

from .kit import FOLDER, HEIGHT, WIDTH, expect, expected, put, scene


def tga(name, rows, pixels, kind, bits, descriptor, palette=b"", count=0, palette_bits=0, extension=None, **said):
    """`rows` in the file's order; packed with kind above 8."""
    data = b"".join(rows)
    if kind > 8:
        size, out = (bits + 7) // 8, b""
        for row in rows:
            values = [row[i : i + size] for i in range(0, len(row), size)]
            while values:
                run = 1
                while run < min(128, len(values)) and values[run] == values[0]:
                    run += 1
                if run > 1:
                    out, values = out + bytes([127 + run]) + values[0], values[run:]
                else:
                    plain = 1
                    while plain < min(128, len(values)) and values[plain] != values[plain - 1]:
                        plain += 1
                    out, values = out + bytes([plain - 1]) + b"".join(values[:plain]), values[plain:]
        data = out
    head = struct.pack("<BBBHHBHHHHBB", 0, 1 if palette else 0, kind, 0, count, palette_bits, 0, 0, WIDTH, HEIGHT, bits, descriptor)
    file = head + palette + data
    if extension is not None:
        area = struct.pack("<H", 495) + bytes(492) + bytes([extension])
        file += area + struct.pack("<II", len(file), 0) + b"TRUEVISION-XFILE.\0"
    put(name, file, pixels, **said)


def tgas():
    a = scene(4)
    a[10:20, 10:30] = a[10, 10]
    rows = [row[:, [2, 1, 0, 3]].tobytes() for row in a]
    plain = [row[:, [2, 1, 0]].tobytes() for row in a]
    for kind in (2, 10):
        tga(f"rgb{kind}.tga", plain, a[..., :3], kind, 24, 0x20)
        tga(f"bottom{kind}.tga", plain[::-1], a[..., :3], kind, 24, 0)
        tga(f"mirrored{kind}.tga", [x[::-1][:, [2, 1, 0]].tobytes() for x in a], a[..., :3], kind, 24, 0x30)
        tga(f"alpha{kind}.tga", rows, a, kind, 32, 0x28, premultiplied=False)
        tga(f"alpha-undeclared{kind}.tga", rows, a[..., :3], kind, 32, 0x20, notes="not transparency")
        for extension, pixels, said in (
            (3, a, {"premultiplied": False}),
            (4, a, {"premultiplied": True}),
            (2, a[..., :3], {}),
            (1, a[..., :3], {}),
            (0, a, {}),
        ):
            tga(f"extension{extension}-{kind}.tga", rows, pixels, kind, 32, 0x28, extension=extension, **said)
        zero = a.copy()
        zero[..., 3] = 0
        zeros = [row[:, [2, 1, 0, 3]].tobytes() for row in zero]
        tga(f"zero{kind}.tga", zeros, a[..., :3], kind, 32, 0x28, notes="hide the whole picture")
        tga(f"zero-undeclared{kind}.tga", zeros, a[..., :3], kind, 32, 0x20, notes="[]")
    five = np.round(a / 255.0 * 31).astype(int)
    words = (five[..., 0] << 10 | five[..., 1] << 5 | five[..., 2]).astype("<u2")
    want = (five[..., :3] * 255 // 31).astype(np.uint8)
    tga("16.tga", [r.tobytes() for r in words], want, 2, 16, 0x20)
    flagged = words | ((a[..., 3] > 128).astype(np.uint16) << 15).astype("<u2")
    tga("16-alpha.tga", [r.tobytes() for r in flagged], np.dstack([want, (a[..., 3] > 128) * np.uint8(255)]).astype(np.uint8), 2, 16, 0x21)
    gray = scene(1)
    for kind in (3, 11):
        tga(f"gray{kind}.tga", [r.tobytes() for r in gray], gray, kind, 8, 0x20)
    colours = np.random.default_rng(3).integers(0, 256, (200, 3)).astype(np.uint8)
    index = scene(1, np.uint8, 199)
    for kind in (1, 9):
        tga(f"palette{kind}.tga", [r.tobytes() for r in index], colours[index], kind, 8, 0x20, palette=colours[:, ::-1].tobytes(), count=200, palette_bits=24)


def bmp(name, a, pixels, version=40, compression=0, masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000), colours=b"", density=0, more=b"", **said):
    body = a[::-1].tobytes()
    header = struct.pack("<IiiHHIIiiII", version, WIDTH, HEIGHT, 1, 32, compression, len(body), density, density, 0, 0)
    if version >= 56:
        header += struct.pack("<IIII", *masks)
    header += colours
    header = header.ljust(version, b"\0")
    at = 14 + len(header)
    put(name, b"BM" + struct.pack("<IHHI", at + len(body) + len(more), 0, 0, at) + header + body + more, pixels, **said)


def bmps():
    a = scene(4)
    bgra = a[..., [2, 1, 0, 3]].copy()
    bmp("plain.bmp", bgra, a[..., :3])
    bmp("v4-alpha.bmp", bgra, a, 108, 3)
    bmp("v3-alpha.bmp", bgra, a, 56, 3)
    zero = bgra.copy()
    zero[..., 3] = 0
    bmp("v4-zero.bmp", zero, a[..., :3], 108, 3, notes="hide the whole picture")
    bmp("v4-no-alpha.bmp", bgra, a[..., :3], 108, 3, masks=(0xFF0000, 0xFF00, 0xFF, 0))
    bmp("density.bmp", bgra, a[..., :3], density=11811)
    expected["density.bmp"][2]["density"] = [11811 * 0.0254] * 2
    for mode in ("L", "P", "1", "RGB"):
        Image.fromarray(scene(3)).convert(mode).save(FOLDER / f"{mode}.bmp", dpi=(300, 300))
        expect(f"{mode}.bmp", np.asarray(Image.open(FOLDER / f"{mode}.bmp").convert("RGB")))


def small_formats():
    for channels in (3, 4):
        a = scene(channels)
        a[10:20, 10:30] = a[10, 10]
        a[0, :, 1] = 7
        Image.fromarray(a).save(FOLDER / f"{channels}.qoi")
        expect(f"{channels}.qoi", a)
    noise = np.random.default_rng(4).integers(0, 256, (HEIGHT, WIDTH, 4)).astype(np.uint8)
    Image.fromarray(noise).save(FOLDER / "noise.qoi")
    expect("noise.qoi", noise)
    # GIF: plain, interlaced, transparent, animated, smaller than its canvas.
    rgb = Image.fromarray(scene(3))
    for name, options in (("plain", {"interlace": 0}), ("interlaced", {"interlace": 1})):
        image = rgb.quantize(200)
        image.save(FOLDER / f"{name}.gif", comment=b"a cat", **options)
        expect(f"{name}.gif", np.asarray(Image.open(FOLDER / f"{name}.gif").convert("RGB")))
    image = rgb.quantize(16)
    image.save(FOLDER / "clear.gif", transparency=3)
    want = np.asarray(Image.open(FOLDER / "clear.gif").convert("RGBA")).copy()
    want[want[..., 3] == 0] = 0
    expect("clear.gif", want)
    frames = [rgb.quantize(64), rgb.rotate(90).quantize(64), rgb.rotate(180).quantize(64)]
    frames[0].save(FOLDER / "moving.gif", save_all=True, append_images=frames[1:], duration=50)
    expect("moving.gif", np.asarray(Image.open(FOLDER / "moving.gif").convert("RGB")), notes="animated GIF of 3 frames")
    # PNM and PFM.
    for top in (1, 100, 255, 1000, 4095, 65535):
        a = scene(3, np.uint16, top)
        body = a.astype(">u2" if top > 255 else np.uint8).tobytes()
        white = 255 if top <= 255 else 65535
        want = np.round(a * (white / top)).astype(np.uint8 if top <= 255 else np.uint16)
        put(f"{top}.ppm", b"P6\n# made by hand\n%d %d\n%d\n" % (WIDTH, HEIGHT, top) + body, want, 1)
        a = scene(4, np.uint16, top)
        body = a.astype(">u2" if top > 255 else np.uint8).tobytes()
        want = np.round(a * (white / top)).astype(np.uint8 if top <= 255 else np.uint16)
        put(f"{top}.pam", b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 4\nMAXVAL %d\nTUPLTYPE RGB_ALPHA\nENDHDR\n" % (WIDTH, HEIGHT, top) + body, want, 1)
    for channels, mark in ((1, b"Pf"), (3, b"PF")):
        a = scene(channels, np.float32)
        for scale, order in ((b"-1.0", "<f4"), (b"1.0", ">f4")):
            put(f"{channels}{scale.decode()}.pfm", mark + b"\n%d %d\n" % (WIDTH, HEIGHT) + scale + b"\n" + a[::-1].astype(order).tobytes(), a, colour="LinearSrgb")
