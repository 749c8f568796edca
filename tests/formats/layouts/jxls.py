"""JPEG XL files by libjxl, whose pixels are the expected ones."""

import io

import imagecodecs
import numpy as np
from PIL import Image

from .kit import put, scene


def jxls():
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
    put("jpeg.jxl", imagecodecs.jpegxl_encode_jpeg(jpeg.getvalue()), np.asarray(Image.open(jpeg)), 8)
