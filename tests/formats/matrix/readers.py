"""Reads results with libraries that have nothing in common with Enlarger: imagecodecs, tifffile, Pillow and OpenEXR."""

import imagecodecs
import numpy as np
import OpenEXR
import tifffile
from PIL import Image

from .picture import Picture


def read(path):
    return {".png": _png, ".jpg": _jpeg, ".tif": _tiff, ".webp": _webp, ".exr": _exr}[path.suffix](path)


def _integers(array, icc):
    array = array[..., None] if array.ndim == 2 else array
    depth = array.dtype.itemsize * 8
    return Picture(array / (2**depth - 1), depth, icc)


def _icc(path):
    with Image.open(path) as image:
        return image.info.get("icc_profile")


def _png(path):
    return _integers(imagecodecs.png_decode(path.read_bytes()), _icc(path))


def _jpeg(path):
    picture = _integers(imagecodecs.jpeg8_decode(path.read_bytes()), _icc(path))
    picture.lossy = True
    return picture


def _webp(path):
    return _integers(imagecodecs.webp_decode(path.read_bytes()), _icc(path))


def _tiff(path):
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        array = page.asarray()
        array = array[..., None] if array.ndim == 2 else array
        profile = page.tags.get(34675)
        icc = bytes(profile.value) if profile else None
        associated = bool(page.extrasamples) and int(page.extrasamples[0]) == 1
    if array.dtype.kind == "f":
        picture = Picture(array.astype(float), "f16" if array.dtype.itemsize == 2 else "f32", icc)
    else:
        picture = _integers(array, icc)
    return straight(picture) if associated else picture


def _exr(path):
    with OpenEXR.File(str(path)) as file:
        channels = file.channels()
        name = next(n for n in ("RGBA", "RGB", "YA", "Y") if n in channels or all(c in channels for c in n))
        array = channels[name].pixels if name in channels else np.stack([channels[c].pixels for c in name], -1)
    array = array[..., None] if array.ndim == 2 else array
    picture = Picture(array.astype(float), "f16" if array.dtype == np.float16 else "f32", linear=True)
    return straight(picture)


def straight(picture):
    """The same with colour that is not multiplied by alpha."""
    if picture.has_alpha:
        alpha = np.maximum(picture.alpha, 1e-6)
        picture.values = np.concatenate([picture.colour / alpha, picture.alpha], -1)
    return picture
