"""Peak memory of the command, from PNG to PNG, through a network of one node.

    python memory.py ENLARGE MODELS [WIDTH HEIGHT...]

Makes a photo-like picture for each height, enlarges it four times and prints the peak resident memory.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

command, models = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
width, *heights = [int(n) for n in sys.argv[3:]] or [6000, 2000, 4000, 8000]
Image.MAX_IMAGE_PIXELS = None
cat = np.asarray(Image.open(Path(__file__).parent.parent / "data" / "cat.png"))


def peak(arguments, environment):
    """Runs a command; the mebibytes that it had resident at most, and its seconds."""
    start = time.perf_counter()
    child = subprocess.Popen(arguments, env=environment)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{arguments}: status {status}")
    return usage.ru_maxrss / 1024, time.perf_counter() - start


with tempfile.TemporaryDirectory() as folder:
    for height in heights:
        rows, columns = -(-height // cat.shape[0]), -(-width // cat.shape[1])
        source, result = Path(folder) / "in.png", Path(folder) / "out.png"
        Image.fromarray(np.tile(cat, (rows, columns, 1))[:height, :width]).save(source, compress_level=1)
        environment = dict(os.environ, ENLARGER_MODELS=str(models))
        arguments = [command, source, "-o", result, "-m", "nearest", "--overwrite", "--quiet"]
        mebibytes, seconds = peak(arguments, environment)
        print(f"{width}x{height} to {4 * width}x{4 * height}: {mebibytes:.0f} MiB at most, {seconds:.0f} s", flush=True)
