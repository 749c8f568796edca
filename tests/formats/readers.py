"""Compares the readers of the `enlarge` command with other programs': makes files of many layouts, and lets both read them.

`cargo test -p enlarger-cli other_programs` runs it: it prints the folder with the files, waits for a line while our readers write
what they see, and compares. It says which files differ, and exits with 1 if any does. Needs numpy, Pillow, tifffile and imagecodecs.
"""

import io
import json
import struct
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

warnings.filterwarnings("ignore")
HERE = Path(__file__).resolve().parent
FOLDER = Path(tempfile.mkdtemp())
TYPES = {"U8": np.uint8, "U16": np.uint16, "F16": np.float16, "F32": np.float32}
WIDTH, HEIGHT = 53, 37
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


def tif(name, data, pixels, tolerance=0, said=None, **options):
    try:
        tifffile.imwrite(FOLDER / name, data, metadata=None, **options)
    except Exception as error:
        print(f"passed over {name}: {error}")
        return
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


def tiffs():
    for dtype in (np.uint8, np.uint16, np.float16, np.float32):
        for channels in (1, 3):
            a = scene(channels, dtype)
            for order in "<>":
                for compression in (None, "lzw", "deflate", "packbits", "zstd"):
                    for predictor in (None, 2, 3):
                        if predictor and compression not in ("lzw", "deflate", "zstd"):
                            continue
                        if (predictor == 3) != (a.dtype.kind == "f") and predictor:
                            continue
                        for layout in ({}, {"tile": (16, 32)}, {"rowsperstrip": 5}, {"planarconfig": "separate"}):
                            if layout.get("planarconfig") and channels == 1:
                                continue
                            data = np.moveaxis(a, -1, 0) if layout.get("planarconfig") else a
                            name = f"{dtype.__name__}-{channels}-{'be' if order == '>' else 'le'}-{compression}-{predictor}-{next(iter(layout), 'one')}.tif"
                            tif(name, data, a, compression=compression, predictor=predictor, byteorder=order,
                                photometric="rgb" if channels == 3 else "minisblack", **layout)
    tif("big.tif", scene(3), scene(3), bigtiff=True, photometric="rgb", tile=(16, 16))
    tif("u32.tif", scene(1, np.uint32), scene(1, np.float32), 2e-7, photometric="minisblack")
    tif("f64.tif", scene(3, np.float64), scene(3, np.float32), 1e-7, photometric="rgb", compression="deflate", predictor=3)
    tif("miniswhite.tif", scene(1), 255 - scene(1), photometric="miniswhite")
    tif("miniswhite16.tif", scene(1, np.uint16), 65535 - scene(1, np.uint16), photometric="miniswhite")
    # Depths that are no whole bytes.
    for bits in (1, 2, 4, 6, 10, 12, 14):
        for channels in (1, 3):
            top = (1 << bits) - 1
            a = scene(channels, np.uint16, top)
            fields(f"bits{bits}-{channels}.tif", basic(bits, channels, 2 if channels == 3 else 1), pack(a, bits))
            white = 255 if bits <= 8 else 65535
            want = np.round(a * (white / top)).astype(np.uint8 if bits <= 8 else np.uint16)
            expect(f"bits{bits}-{channels}.tif", want)
    a = scene(1, np.uint8, 1)
    fields("reversed.tif", basic(1, 1, 1, (266, 3, [2])), bytes(int(f"{b:08b}"[::-1], 2) for b in pack(a, 1)))
    expect("reversed.tif", a * 255)
    # Palettes.
    for bits in (1, 2, 4, 8):
        count = 1 << bits
        index = scene(1, np.uint8, count - 1)
        ramp = np.linspace(0, 255, count).astype(int)
        colours = np.stack([ramp, ramp[::-1], ramp // 2], -1)
        for name, factor in (("257", 257), ("256", 256), ("1", 1)):
            fields(f"palette{bits}-{name}.tif", basic(bits, 1, 3, (320, 3, (colours.T * factor).ravel().tolist())), pack(index, bits))
            expect(f"palette{bits}-{name}.tif", colours[index].astype(np.uint8))
        deep = np.stack([ramp * 250 + 3, ramp[::-1] * 251 + 1, ramp * 99], -1)
        fields(f"palette{bits}-deep.tif", basic(bits, 1, 3, (320, 3, deep.T.ravel().tolist())), pack(index, bits))
        expect(f"palette{bits}-deep.tif", deep[index].astype(np.uint16))
    # Alpha and further channels.
    four = scene(4)
    tif("straight.tif", four, four, photometric="rgb", extrasamples=["unassalpha"], said={"premultiplied": False})
    tif("associated.tif", four, four, photometric="rgb", extrasamples=["assocalpha"], said={"premultiplied": True})
    tif("unspecified.tif", four, four[..., :3], photometric="rgb", extrasamples=["unspecified"], said={"notes": "neither colour"})
    five = scene(5)
    tif("spot-alpha.tif", five, five[..., [0, 1, 2, 4]], photometric="rgb", extrasamples=["unspecified", "unassalpha"], said={"notes": "neither colour"})
    gray = scene(2)
    tif("gray-alpha.tif", gray, gray, photometric="minisblack", extrasamples=["unassalpha"])
    tif("gray-alpha-planar.tif", np.moveaxis(gray, -1, 0), gray, photometric="minisblack", extrasamples=["unassalpha"], planarconfig="separate")
    # Inks, Lab, YCbCr.
    inks = scene(4)
    light = (255 - inks[..., :3].astype(int)) * (255 - inks[..., 3:].astype(int)) / 255
    light = np.round(light).astype(np.uint8)
    tif("cmyk.tif", inks, light, 1, photometric="separated", said={"notes": "CMYK"})
    tif("cmyk16.tif", inks.astype(np.uint16) * 257, light.astype(np.uint16) * 257, 300, photometric="separated", compression="lzw")
    tif("cmyk-planar.tif", np.moveaxis(inks, -1, 0), light, 1, photometric="separated", planarconfig="separate")
    tif("cmyka.tif", scene(5), np.dstack([light, scene(5)[..., 4]]), 1, photometric="separated", extrasamples=["unassalpha"])
    tif("cmyk-spot.tif", scene(6), light, 1, photometric="separated", said={"notes": "2 channels"})
    rgb = Image.fromarray(scene(3))
    from PIL import ImageCms
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB", 5000), "RGB", "LAB")
    lab = ImageCms.applyTransform(rgb, to_lab)
    # Not back through littleCMS, whose tables for 8-bit Lab are off by up to 17.
    back = scene(3)
    lab.save(FOLDER / "lab.tif")
    expect("lab.tif", back, 8, notes="Lab")
    plain = np.frombuffer(lab.tobytes(), np.uint8).reshape(HEIGHT, WIDTH, 3)
    fields("icclab.tif", basic(8, 3, 9), (plain ^ np.array([0, 128, 128], np.uint8)).tobytes())
    expect("icclab.tif", back, 8)
    wide = np.stack([np.round(plain[..., 0] * 257.0), plain[..., 1].astype(np.int8) * 256.0, plain[..., 2].astype(np.int8) * 256.0], -1)
    fields("lab16.tif", basic(16, 3, 8), wide.astype(int).astype(np.uint16).astype("<u2").tobytes())
    expect("lab16.tif", back.astype(np.uint16) * 257, 8 * 257)
    full = np.asarray(rgb.convert("YCbCr"))
    for across, down in ((1, 1), (2, 1), (1, 2), (2, 2), (4, 4)):
        units = b""
        high, wide_ = -(-HEIGHT // down) * down, -(-WIDTH // across) * across
        padded = np.pad(full, ((0, high - HEIGHT), (0, wide_ - WIDTH), (0, 0)), "edge")
        for y in range(0, high, down):
            for x in range(0, wide_, across):
                block = padded[y : y + down, x : x + across]
                units += block[..., 0].tobytes() + bytes([block[0, 0, 1], block[0, 0, 2]])
        name = f"ycbcr{across}{down}.tif"
        fields(name, basic(8, 3, 6, (530, 3, [across, down]), (532, 5, [0, 255, 128, 255, 128, 255])), units)
        corners = padded[::down, ::across, 1:].repeat(down, 0).repeat(across, 1)[:HEIGHT, :WIDTH]
        want = Image.fromarray(np.dstack([full[..., 0], corners]), "YCbCr").convert("RGB")
        expect(name, np.asarray(want), 2)
    # JPEG and fax through libtiff.
    for mode, channels in (("L", 1), ("RGB", 3), ("CMYK", 4)):
        image = Image.fromarray(scene(channels), mode)
        for name, options in (("", {}), ("-strips", {"tiffinfo": {278: 8}})):
            try:
                image.save(FOLDER / f"jpeg-{mode}{name}.tif", compression="jpeg", quality=95, **options)
            except Exception as error:
                print("passed over", mode, name, error)
                continue
            pixels = np.asarray(Image.open(FOLDER / f"jpeg-{mode}{name}.tif"))
            if mode == "CMYK":
                p = pixels.astype(int)
                pixels = np.round((255 - p[..., :3]) * (255 - p[..., 3:]) / 255).astype(np.uint8)
            expect(f"jpeg-{mode}{name}.tif", pixels, 8 if mode == "RGB" else 3)
    for name, data, options in (
        ("jpeg-tiles.tif", scene(3), {"tile": (32, 32)}),
        ("jpeg-ycbcr-tiles.tif", scene(3), {"tile": (32, 32), "photometric": "ycbcr"}),
        ("jpeg-420-tiles.tif", scene(3), {"tile": (32, 32), "photometric": "ycbcr", "subsampling": (2, 2)}),
        ("jpeg-planar.tif", np.moveaxis(scene(3), -1, 0), {"planarconfig": "separate"}),
    ):
        tif(name, data, None, 3, compression="jpeg", **{"photometric": "rgb", **options})
        pixels = tifffile.imread(FOLDER / name)
        expect(name, np.moveaxis(pixels, 0, -1) if "planar" in name else pixels, 8 if "420" in name else 3)
    tif("webp.tif", scene(3), scene(3), 0, compression="webp", compressionargs={"lossless": True}, photometric="rgb")
    noise = (np.random.default_rng(1).random((HEIGHT, WIDTH)) < 0.3) | (scene(1) > 120)
    text = np.kron(noise[:9, :13], np.ones((4, 4), bool))[:HEIGHT, :WIDTH]
    for picture, bits in (("noise", noise), ("blocks", np.pad(text, ((0, 1), (0, 1)))), ("white", np.ones((5, 40), bool)), ("black", np.zeros((5, 41), bool))):
        image = Image.fromarray((bits * 255).astype(np.uint8)).convert("1", dither=0)
        for compression in ("group3", "group4", "tiff_ccitt", "packbits"):
            for more, options in (("", {}), ("-2d", {292: 1}), ("-aligned", {292: 4}), ("-2d-aligned", {292: 5}), ("-strips", {278: 7}), ("-lsb", {266: 2})):
                if more in ("-2d", "-aligned", "-2d-aligned") and compression != "group3":
                    continue
                name = f"{picture}-{compression}{more}.tif"
                try:
                    image.save(FOLDER / name, compression=compression, tiffinfo=options)
                except Exception as error:
                    print("passed over", name, error)
                    continue
                expect(name, np.asarray(Image.open(FOLDER / name).convert("L")))


def put(name, data, pixels, tolerance=0, **said):
    (FOLDER / name).write_bytes(data)
    expect(name, pixels, tolerance, **said)


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


def psds():
    """By hand: header, resources, layers, planes. And by psd-tools, if there."""

    def psd(name, mode, depth, planes, pixels, tolerance=0, compression=0, layers=b"", palette=b"", resources=b"", version=1, **said):
        wide = version == 2
        head = b"8BPS" + struct.pack(">H6xHIIHH", version, len(planes), HEIGHT, WIDTH, depth, mode)
        head += struct.pack(">I", len(palette)) + palette + struct.pack(">I", len(resources)) + resources
        head += struct.pack(">Q" if wide else ">I", len(layers)) + layers
        kind = {1: None, 8: ">u1", 16: ">u2", 32: ">f4"}[depth]
        rows = [np.packbits(r).tobytes() if depth == 1 else r.astype(kind).tobytes() for plane in planes for r in plane]
        if compression == 1:
            rows = [b"".join(bytes([len(c) - 1]) + c for c in (row[i : i + 128] for i in range(0, len(row), 128))) for row in rows]
            head += struct.pack(">H", 1) + b"".join(struct.pack(">I" if wide else ">H", len(row)) for row in rows)
        else:
            head += struct.pack(">H", 0)
        put(name, head + b"".join(rows), pixels, tolerance, **said)

    def planes(a):
        return [a] if a.ndim == 2 else [a[..., n] for n in range(a.shape[-1])]

    for compression in (0, 1):
        for version in (1, 2):
            for depth, dtype in ((8, np.uint8), (16, np.uint16), (32, np.float32)):
                for mode, channels in ((1, 1), (3, 3)):
                    a = scene(channels, dtype)
                    psd(f"{mode}-{depth}-{compression}-{version}.psd", mode, depth, planes(a), a, 1e-7 if depth == 32 else 0, compression, version=version, colour="LinearSrgb" if depth == 32 else "Srgb")
    # A flattened picture with transparency lies on white.
    a = scene(4)
    alpha = a[..., 3:] / 255.0
    white = np.round(a[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    layers = struct.pack(">Ih", 2, -1) + bytes(2)
    psd("transparent.psd", 3, 8, planes(np.dstack([white, a[..., 3]])), a, 6, layers=layers, left_out="layers")
    psd("selection.psd", 3, 8, planes(scene(4)), scene(4)[..., :3], notes="neither colour")
    inks = scene(4)
    p = inks.astype(int)
    light = np.round((255 - p[..., :3]) * (255 - p[..., 3:]) / 255).astype(np.uint8)
    psd("cmyk.psd", 4, 8, planes(255 - inks), light, 1, notes="CMYK")
    psd("cmyk16.psd", 4, 16, planes((255 - inks).astype(np.uint16) * 257), light.astype(np.uint16) * 257, 300)
    bits = scene(1) > 128
    psd("bitmap.psd", 0, 1, [bits], np.where(bits, 0, 255).astype(np.uint8))
    colours = np.random.default_rng(3).integers(0, 256, (256, 3)).astype(np.uint8)
    psd("indexed.psd", 2, 8, [scene(1)], colours[scene(1)], palette=colours.T.tobytes())
    psd("duotone.psd", 8, 8, [scene(1)], scene(1), palette=b"inks", notes="duotone")
    psd("multichannel.psd", 7, 8, planes(scene(3)), "Multichannel")
    resource = b"8BIM" + struct.pack(">HHI", 1057, 0, 6) + bytes(6)
    psd("unflattened.psd", 3, 8, planes(scene(3)), "Maximize Compatibility", layers=struct.pack(">Ih", 2, 1) + bytes(2), resources=resource)
    from PIL import ImageCms
    rgb = Image.fromarray(scene(3))
    lab = ImageCms.applyTransform(rgb, ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB", 5000), "RGB", "LAB"))
    plain = np.frombuffer(lab.tobytes(), np.uint8).reshape(HEIGHT, WIDTH, 3) ^ np.array([0, 128, 128], np.uint8)
    psd("lab.psd", 9, 8, planes(plain), scene(3), 8, notes="Lab")
    try:
        from psd_tools import PSDImage

        for mode, a in (("RGB", scene(3)), ("L", scene(1))):
            PSDImage.frompil(Image.fromarray(a, mode)).save(FOLDER / f"tools-{mode}.psd")
            expect(f"tools-{mode}.psd", a)
    except ImportError:
        print("passed over psd-tools")


def jxls():
    try:
        import imagecodecs
    except ImportError:
        print("passed over JPEG XL")
        return
    for dtype in (np.uint8, np.uint16, np.float16, np.float32):
        for channels in (1, 3, 4):
            a = scene(channels, dtype)
            data = imagecodecs.jpegxl_encode(a, lossless=True, photometric="gray" if channels < 3 else "rgb")
            put(f"{channels}-{dtype.__name__}.jxl", data, a, 1e-3 if a.dtype.kind == "f" else 0)
    a = scene(3)
    data = imagecodecs.jpegxl_encode(a, distance=1.0)
    put("lossy.jxl", data, imagecodecs.jpegxl_decode(data), 2)
    data = imagecodecs.jpegxl_encode(a, distance=1.0, usecontainer=True)
    put("container.jxl", data, imagecodecs.jpegxl_decode(data), 2)
    put("cut.jxl", data[: len(data) * 2 // 3], "cut short")
    jpeg = io.BytesIO()
    Image.fromarray(a).save(jpeg, "JPEG", quality=90)
    try:
        data = imagecodecs.jpegxl_encode_jpeg(jpeg.getvalue())
        put("jpeg.jxl", data, np.asarray(Image.open(jpeg)), 8)
    except Exception as error:
        print("passed over a JPEG in JPEG XL:", error)


def avifs():
    """Through Pillow's libavif; its pictures as the expected ones."""

    def avif(name, image, tolerance, **options):
        said = options.pop("said", {})
        image.save(FOLDER / name, **options)
        expect(name, np.asarray(Image.open(FOLDER / name)), tolerance, **said)

    for channels, mode in ((3, "RGB"), (4, "RGBA")):
        image = Image.fromarray(scene(channels), mode)
        for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
            avif(f"{mode}-{subsampling.replace(':', '')}.avif", image, 3, quality=90, subsampling=subsampling)
        avif(f"{mode}-limited.avif", image, 3, quality=90, subsampling="4:4:4", range="limited")
    avif("premultiplied.avif", Image.fromarray(scene(4), "RGBA"), 255, quality=90, alpha_premultiplied=True, said={"premultiplied": True})
    try:
        import imagecodecs
    except ImportError:
        return
    for bits in (8, 10, 12):
        a = scene(3, np.uint16 if bits > 8 else np.uint8, (1 << bits) - 1)
        data = imagecodecs.avif_encode(a, level=100, bitspersample=bits, pixelformat="444")
        want = imagecodecs.avif_decode(data)
        if bits > 8:
            want = np.round(want * (65535 / ((1 << bits) - 1))).astype(np.uint16)
        put(f"{bits}.avif", data, want, 2 if bits == 8 else 2 * 65535 / (1 << bits))
    # Turned and mirrored in eight ways.
    a = scene(3)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        image = Image.fromarray(a)
        image.save(FOLDER / f"turned{orientation}.avif", quality=95, subsampling="4:4:4", exif=exif)
        from PIL import ImageOps
        shown = Image.fromarray(a)
        shown.getexif()[274] = orientation
        expect(f"turned{orientation}.avif", np.asarray(ImageOps.exif_transpose(shown)), 12)
    whole = (FOLDER / "RGB-444.avif").read_bytes()
    put("cut.avif", whole[: len(whole) * 2 // 3], "cut short")


def compare():
    # The test that runs this writes what our readers see beside each file.
    print(FOLDER, flush=True)
    sys.stdin.readline()
    wrong = 0
    for name, (pixels, tolerance, said) in sorted(expected.items()):
        found = json.loads((FOLDER / f"{name}.json").read_text())
        problem = None
        if "error" in found or isinstance(pixels, str):
            if not isinstance(pixels, str) or pixels not in found.get("error", ""):
                problem = f"{found.get('error', 'was read')} (wanted: {pixels if isinstance(pixels, str) else 'pixels'})"
        else:
            a = np.fromfile(FOLDER / f"{name}.raw", TYPES[found["sample"]])
            a = a.reshape(found["height"], found["width"], -1)
            b = pixels.reshape(*pixels.shape[:2], -1)
            if a.shape != b.shape or a.dtype != b.dtype:
                problem = f"{a.shape} {a.dtype} instead of {b.shape} {b.dtype}"
            else:
                worst = np.abs(a.astype(float) - b.astype(float)).max()
                if worst > tolerance:
                    problem = f"off by {worst}"
            for key, value in said.items():
                if not (value in str(found[key]) if isinstance(value, str) else found[key] == value):
                    problem = f"{key} is {found[key]!r}, not {value!r}"
        if problem:
            wrong += 1
            print(f"{name}: {problem}")
    print(f"{len(expected)} files, {wrong} wrong; they are in {FOLDER}")
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["avif"]:
        avifs()
        sys.exit(1 if compare() else 0)
    tiffs()
    tgas()
    bmps()
    small_formats()
    psds()
    jxls()
    avifs()
    sys.exit(1 if compare() else 0)
