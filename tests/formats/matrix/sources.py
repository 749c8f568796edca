"""Writes the source files of the matrix: every format that Enlarger reads and these libraries write.

Where no library writes a format (PSD, EXR's gray), a few lines here do, without compression.
"""

import struct

import imagecodecs
import numpy as np
import OpenEXR
import tifffile
from PIL import Image

from . import profiles
from .picture import Source, integers, make, rounded


def write_all(folder):
    """Every source file in the folder."""
    return [source for write in WRITERS for source in write(folder)]


def _integer_pictures(all_channels, depths):
    return [(channels, depth, make(channels, depth)) for channels in all_channels for depth in depths]


def _squeezed(picture):
    array = integers(picture)
    return np.ascontiguousarray(array[..., 0] if picture.channels == 1 else array)


def _png(folder):
    for channels, depth, picture in _integer_pictures((1, 2, 3, 4), (8, 16)):
        path = folder / f"png-{channels}x{depth}.png"
        path.write_bytes(imagecodecs.png_encode(_squeezed(picture)))
        yield Source(path, picture)


def _jpeg(folder):
    for channels, depth, picture in _integer_pictures((1, 3), (8,)):
        path = folder / f"jpeg-{channels}x{depth}.jpg"
        path.write_bytes(imagecodecs.jpeg8_encode(_squeezed(picture), level=97, subsampling="444"))
        yield Source(path, picture, lossy=True)


def _jpeg_of_12_bits(folder):
    for channels in (1, 3):
        picture = make(channels, 12)
        array = np.round(picture.values * 4095).astype(np.uint16)
        path = folder / f"jpeg-{channels}x12.jpg"
        array = np.ascontiguousarray(array[..., 0] if channels == 1 else array)
        path.write_bytes(imagecodecs.jpeg8_encode(array, level=97, subsampling="444", bitspersample=12))
        # Read as 16 bits.
        picture.depth = 16
        yield Source(path, picture, lossy=True)


def _webp(folder):
    for channels, depth, picture in _integer_pictures((3, 4), (8,)):
        for lossless in (True, False):
            path = folder / f"webp-{channels}x{depth}-{'lossless' if lossless else 'lossy'}.webp"
            path.write_bytes(imagecodecs.webp_encode(_squeezed(picture), level=None if lossless else 95, lossless=lossless))
            yield Source(path, picture, lossy=not lossless)


def _tiff(folder):
    for channels in (1, 2, 3, 4):
        for depth in (8, 16, "f16", "f32"):
            for associated in (False, True) if channels in (2, 4) else (False,):
                picture = make(channels, depth)
                values = picture.values
                if associated:
                    values = rounded(np.concatenate([picture.colour * picture.alpha, picture.alpha], -1), depth)
                if isinstance(depth, int):
                    array = np.round(values * (2**depth - 1)).astype(np.uint8 if depth == 8 else np.uint16)
                else:
                    array = values.astype(np.float16 if depth == "f16" else np.float32)
                path = folder / f"tiff-{channels}x{depth}{'-associated' if associated else ''}.tif"
                tifffile.imwrite(
                    path,
                    array[..., 0] if channels == 1 else array,
                    photometric="rgb" if channels > 2 else "minisblack",
                    planarconfig="contig" if channels > 1 else None,
                    extrasamples=[1 if associated else 2] if channels in (2, 4) else None,
                    compression="zlib",
                    metadata=None,
                )
                yield Source(path, picture)


def _exr(folder):
    for channels, names in ((1, "Y"), (3, "RGB"), (4, "RGBA")):
        for depth, kind in (("f16", np.float16), ("f32", np.float32)):
            picture = make(channels, depth)
            picture.linear = True
            values = picture.values
            if picture.has_alpha:
                values = np.concatenate([picture.colour * picture.alpha, picture.alpha], -1)
            planes = {n: np.ascontiguousarray(values[..., i].astype(kind)) for i, n in enumerate(names)}
            path = folder / f"exr-{channels}x{depth}.exr"
            header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
            with OpenEXR.File(header, planes) as file:
                file.write(str(path))
            yield Source(path, picture)


def _by_pillow(folder):
    modes = {1: "L", 3: "RGB", 4: "RGBA"}
    for ending, all_channels in (("bmp", (1, 3)), ("tga", (1, 3, 4)), ("qoi", (3, 4)), ("ppm", (3,)), ("pgm", (1,))):
        for channels, depth, picture in _integer_pictures(all_channels, (8,)):
            path = folder / f"{ending}-{channels}x{depth}.{ending}"
            Image.fromarray(_squeezed(picture), modes[channels]).save(path)
            yield Source(path, picture)


def _pgm16(folder):
    picture = make(1, 16)
    path = folder / "pgm-1x16.pgm"
    body = integers(picture).astype(">u2").tobytes()
    path.write_bytes(f"P5\n{picture.values.shape[1]} {picture.values.shape[0]}\n65535\n".encode() + body)
    yield Source(path, picture)


def _gif(folder):
    # One colour of the palette for each column, so that no colour is lost.
    picture = make(1, 8)
    picture.values = np.repeat(picture.values[:1], picture.values.shape[0], 0)
    path = folder / "gif-1x8.gif"
    Image.fromarray(_squeezed(picture), "L").save(path)
    picture.values = np.repeat(picture.values, 3, -1)
    yield Source(path, picture)


def _psd(folder):
    for channels, depth, picture in _integer_pictures((1, 3, 4), (8, 16)):
        # Photoshop stores transparent colours blended with white.
        stored = make(channels, depth)
        if channels == 4:
            stored.values[..., :3] = stored.colour * stored.alpha + 1 - stored.alpha
        planes = np.moveaxis(integers(stored).astype(">u1" if depth == 8 else ">u2"), -1, 0)
        height, width = planes.shape[1:]
        header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, channels, height, width, depth, 1 if channels == 1 else 3)
        # No palette and no resources. A layer section that says: the first alpha of the composite is its transparency.
        layers = struct.pack(">Ih", 2, -1 if channels == 4 else 0) + b"\0\0" if channels == 4 else b""
        section = struct.pack(">II", 0, 0) + struct.pack(">I", len(layers)) + layers
        path = folder / f"psd-{channels}x{depth}.psd"
        path.write_bytes(header + section + struct.pack(">H", 0) + planes.tobytes())
        # Colour that is blended with white is less exact where it is transparent.
        yield Source(path, picture, lossy=channels == 4)


def _jxl(folder):
    for channels, depth, picture in _integer_pictures((1, 3, 4), (8, 16)):
        path = folder / f"jxl-{channels}x{depth}.jxl"
        # The library behind it declares samples of 16 bits to be linear light.
        picture.linear = depth == 16
        path.write_bytes(imagecodecs.jpegxl_encode(_squeezed(picture), lossless=True, usecontainer=True))
        yield Source(path, picture)


def _avif(folder):
    for channels, depth, picture in _integer_pictures((3, 4), (8,)):
        path = folder / f"avif-{channels}x{depth}.avif"
        path.write_bytes(imagecodecs.avif_encode(_squeezed(picture), level=95))
        yield Source(path, picture, lossy=True)


WRITERS = (_png, _jpeg, _jpeg_of_12_bits, _webp, _tiff, _exr, _by_pillow, _pgm16, _gif, _psd, _jxl, _avif)


def with_profiles(sources, exiftool):
    """A copy of each source that can have a profile, with one."""
    copies = []
    for source in sources:
        if source.path.suffix not in (".png", ".jpg", ".tif", ".webp") or "f16" in source.path.stem:
            continue
        gray = source.picture.channels <= 2
        path = source.path.with_stem(source.path.stem + "-icc")
        path.write_bytes(source.path.read_bytes())
        icc = path.with_suffix(path.suffix + ".icc")
        icc.write_bytes(profiles.gray() if gray else profiles.rgb())
        exiftool.write(path, [f"-icc_profile<={icc}"])
        picture = type(source.picture)(source.picture.values, source.picture.depth, icc.read_bytes())
        copies.append(Source(path, picture, source.lossy))
    return copies
