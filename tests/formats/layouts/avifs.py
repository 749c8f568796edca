"""AVIF files by libavif, whose pixels are the expected ones."""

import imagecodecs
import numpy as np
from PIL import Image, ImageOps

from .kit import FOLDER, expect, put, scene


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
    name = "premultiplied.avif"
    Image.fromarray(scene(4), "RGBA").save(FOLDER / name, quality=90, subsampling="4:4:4", alpha_premultiplied=True)
    shown = np.asarray(Image.open(FOLDER / name)).astype(float)
    # Ours are premultiplied as stored; Pillow divides by alpha.
    shown[..., :3] *= shown[..., 3:] / 255
    expect(name, np.round(shown).astype(np.uint8), 3, premultiplied=True)
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
        shown = Image.fromarray(a)
        shown.getexif()[274] = orientation
        expect(f"turned{orientation}.avif", np.asarray(ImageOps.exif_transpose(shown)), 12)
    whole = (FOLDER / "RGB-444.avif").read_bytes()
    put("cut.avif", whole[: len(whole) * 2 // 3], "cut short")
