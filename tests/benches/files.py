"""Measures what files cost: the command from file to file, against the same run on pixels in memory.

    python files.py ENLARGE FOLDER [ROUNDS]

A photo of 12 megapixels, enlarged twice by the default model. The run in memory is one call of the library through the Python
binding, in a process that has opened the model; the command's time is that of the whole process. Contenders take turns, and the
smallest time of each counts. Needs PYTHONPATH=plugins/python and ENLARGER_LIBRARY.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import enlarger
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 4000, 3000
FORMATS = {"JPEG": ("jpg", {"quality": 92}), "PNG": ("png", {"compress_level": 6}), "TIFF": ("tif", {}), "WebP": ("webp", {"quality": 90})}


def photo():
    """A photo of a cat, repeated and mirrored, so that it does not compress too well."""
    cat = np.asarray(Image.open(Path(__file__).parent / "../data/cat.png").convert("RGB"))
    sheet = np.concatenate([cat, cat[:, ::-1]], 1)
    rows, columns = -(-HEIGHT // sheet.shape[0]), -(-WIDTH // sheet.shape[1])
    return np.ascontiguousarray(np.tile(sheet, (rows, columns, 1))[:HEIGHT, :WIDTH])


def command(enlarge, source, target):
    started = time.perf_counter()
    subprocess.run([enlarge, "-q", "-p", "natural", "-s", "2", "--overwrite", source, "-o", target], check=True)
    return time.perf_counter() - started


def main(enlarge, folder, rounds=2):
    pixels, folder = photo(), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sources = {}
    for name, (ending, options) in FORMATS.items():
        sources[name] = folder / f"photo.{ending}"
        Image.fromarray(pixels).save(sources[name], **options)
    upscaler = enlarger.Upscaler(preset="natural")

    def in_memory():
        started = time.perf_counter()
        upscaler.run(pixels, WIDTH, HEIGHT, "rgb u8", factor=2)
        return time.perf_counter() - started

    times = {"in memory": []} | {name: [] for name in FORMATS}
    for _ in range(int(rounds)):
        times["in memory"].append(in_memory())
        for name, source in sources.items():
            times[name].append(command(enlarge, source, source.with_stem("result")))
    alone = min(times["in memory"])
    print(f"{WIDTH}x{HEIGHT} x2, {rounds} rounds, load {os.getloadavg()[0]:.1f}; wall time, ratio to the run in memory, bytes of the result")
    for name, taken in times.items():
        size = (sources[name].with_stem("result").stat().st_size if name in sources else 0) / 1e6
        print(f"{name:10} {min(taken):7.2f} s  {min(taken) / alone:5.2f}  {size:7.1f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
