"""PSD files by hand and by psd-tools."""

import struct

import numpy as np
from PIL import Image, ImageCms
from psd_tools import PSDImage

from .kit import FOLDER, HEIGHT, WIDTH, expect, put, scene


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
    rgb = Image.fromarray(scene(3))
    lab = ImageCms.applyTransform(rgb, ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB", 5000), "RGB", "LAB"))
    plain = np.frombuffer(lab.tobytes(), np.uint8).reshape(HEIGHT, WIDTH, 3) ^ np.array([0, 128, 128], np.uint8)
    psd("lab.psd", 9, 8, planes(plain), scene(3), 8, notes="Lab")
    for mode, a in (("RGB", scene(3)), ("L", scene(1))):
        PSDImage.frompil(Image.fromarray(a, mode)).save(FOLDER / f"tools-{mode}.psd")
        expect(f"tools-{mode}.psd", a)
