#!/usr/bin/env python3
"""Runs a model on whole photos with onnxruntime, as a reference for tests.

    pip install -r tests/oracle/requirements.txt
    python tests/oracle/oracle.py --model FILE.onnx --halo 34 --out DIR PHOTO.png...

Each photo runs in one piece, with a mirrored border of --halo pixels that is
cut off afterwards. For PHOTO.png this writes

    DIR/PHOTO.f32   the result: little-endian float32, all red, all green, all
                    blue, row by row, NOT clipped to 0..1
    DIR/PHOTO.txt   its "width height"

Photos are 8-bit RGB or gray. Gray becomes three equal channels. The values are
v / 255 in float32; colour profiles are not applied.
"""

import argparse
import sys
import time
from pathlib import Path

try:
    import numpy as np
    import onnxruntime
    from PIL import Image
except ImportError as missing:
    sys.exit(f"error: {missing}. First: pip install -r tests/oracle/requirements.txt")


class Failed(Exception):
    """A problem that the user can solve. Its text is the message."""


def read_photo(path):
    """The photo as [3,H,W] float32 in 0..1."""
    try:
        with Image.open(path) as picture:
            # 16-bit and transparent files would be converted with a loss.
            if picture.mode not in ("RGB", "L"):
                raise Failed(f"{path} is {picture.mode}; only 8-bit RGB or gray works")
            pixels = np.asarray(picture.convert("RGB"))
    except OSError as why:
        raise Failed(f"cannot read the photo {path}: {why}") from None
    return pixels.transpose(2, 0, 1).astype(np.float32) / np.float32(255)


def open_model(path):
    """The session, and the names of its one input and one output."""
    if not path.is_file():
        raise Failed(f"there is no model {path}")
    try:
        session = onnxruntime.InferenceSession(
            str(path), providers=["CPUExecutionProvider"]
        )
    except Exception as why:  # onnxruntime has no common base class for its errors
        raise Failed(f"onnxruntime cannot load {path}: {why}") from None
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise Failed(f"{path} does not have one input and one output")
    return session, inputs[0].name, outputs[0].name


def enlarge(model, photo, halo):
    """The whole photo in one run. Returns [3, H * scale, W * scale]."""
    session, input_name, output_name = model
    _, height, width = photo.shape
    # reflect: the edge pixel is not repeated, as in  c b | a b c d | c b
    around = np.pad(photo, ((0, 0), (halo, halo), (halo, halo)), mode="reflect")
    (result,) = session.run([output_name], {input_name: around[None]})
    scale = result.shape[2] // around.shape[1]
    wanted = (1, 3, around.shape[1] * scale, around.shape[2] * scale)
    if scale < 1 or result.shape != wanted:
        raise Failed(f"the model made {result.shape} of {(1, *around.shape)}")
    cut = halo * scale
    return result[0, :, cut : cut + height * scale, cut : cut + width * scale]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, metavar="FILE.onnx")
    parser.add_argument("--halo", type=int, required=True, help="border in pixels")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO.png")
    args = parser.parse_args()
    if args.halo < 0:
        raise Failed("--halo must be 0 or more")
    stems = [path.stem for path in args.photos]
    for stem in stems:
        if stems.count(stem) > 1:
            raise Failed(f"two photos are called {stem}; their results would collide")

    model = open_model(args.model)
    args.out.mkdir(parents=True, exist_ok=True)
    for path in args.photos:
        photo = read_photo(path)
        start = time.perf_counter()
        result = enlarge(model, photo, args.halo)
        seconds = time.perf_counter() - start
        if not np.isfinite(result).all():
            raise Failed(f"{path}: the result has values that are not numbers")
        _, height, width = result.shape
        (args.out / f"{path.stem}.f32").write_bytes(result.astype("<f4").tobytes())
        (args.out / f"{path.stem}.txt").write_text(f"{width} {height}\n")
        print(
            f"{path.stem}: {width}x{height}, {result.min():.4f} to {result.max():.4f}, "
            f"{seconds:.2f} s"
        )


if __name__ == "__main__":
    try:
        main()
    except (Failed, OSError) as why:
        sys.exit(f"error: {why}")
