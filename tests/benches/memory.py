"""Measures the peak memory of the command, from PNG to PNG, with a network of one node.

    python memory.py ENLARGE MODELS [WIDTH HEIGHT...]

Makes a photo-like picture for each height, enlarges it four times and prints the peak resident memory.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def make(width, height, path):
    """Writes a photo, repeated to this size."""
    import numpy as np
    from PIL import Image

    cat = np.asarray(Image.open(Path(__file__).parent.parent / "data" / "cat.png"))
    rows, columns = -(-height // cat.shape[0]), -(-width // cat.shape[1])
    Image.fromarray(np.tile(cat, (rows, columns, 1))[:height, :width]).save(path, compress_level=1)


def peak(arguments, environment):
    """Runs a command. Returns its peak resident memory in MiB, and its seconds."""
    start = time.perf_counter()
    child = subprocess.Popen(arguments, env=environment)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{arguments}: status {status}")
    return usage.ru_maxrss / 1024, time.perf_counter() - start


def main(command, models, width="6000", *heights):
    environment = dict(os.environ, ENLARGER_MODELS=str(Path(models).resolve()))
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "in.png", Path(folder) / "out.png"
        for height in heights or (2000, 4000, 8000):
            # In a process of its own, because the peak of a child counts the memory of its parent until it runs its program.
            subprocess.run([sys.executable, __file__, "--make", width, str(height), source], check=True)
            for engine in ("ort", "rten"):
                arguments = [Path(command).resolve(), source, "-o", result, "-m", "nearest", "--engine", engine]
                mebibytes, seconds = peak([*arguments, "--overwrite", "--quiet"], environment)
                print(f"{engine}: {width}x{height} x4: {mebibytes:.0f} MiB at most, {seconds:.0f} s", flush=True)


if sys.argv[1] == "--make":
    make(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
else:
    main(*sys.argv[1:])
