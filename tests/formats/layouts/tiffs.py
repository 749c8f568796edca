"""TIFF files of many layouts: by tifffile, by libtiff through Pillow, and by hand."""

import numpy as np
import tifffile
from PIL import Image, ImageCms

from .kit import FOLDER, HEIGHT, WIDTH, basic, expect, fields, pack, scene, tif


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
            image.save(FOLDER / f"jpeg-{mode}{name}.tif", compression="jpeg", quality=95, **options)
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
                image.save(FOLDER / name, compression=compression, tiffinfo=options)
                expect(name, np.asarray(Image.open(FOLDER / name).convert("L")))
