"""Measures what faces cost: the search in a photo of 12 megapixels, and the preset portrait beside natural.

    python faces.py ENLARGE FOLDER [ROUNDS]

The photo shows three faces, 300, 500 and 800 pixels wide. The search runs on one thread, in one process and through the Python
binding, ROUNDS times; after each the process's resident memory is printed, which must not keep growing. The presets enlarge
twice, from PNG to PNG, by the command; they take turns, and the smallest time of each counts. CPU time is printed beside wall time,
because other programs affect it less. Needs PYTHONPATH=plugins/python and ENLARGER_LIBRARY.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import enlarger
import numpy as np
from PIL import Image

DATA = Path(__file__).parent / "../data"
SIZE = 4000, 3000
# The left edge, the upper edge and the width of the box around the face in astronaut.png, as the search finds it.
FACE = 38, 64, 107
# Where faces are put: the left and upper edge of the box, and its width.
PLACES = (500, 900, 800), (2300, 500, 500), (3300, 1900, 300)
PRESETS = "natural", "portrait"


def photo():
    picture = Image.open(DATA / "coffee.png").convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
    person = Image.open(DATA / "astronaut.png").convert("RGB")
    for left, top, width in PLACES:
        factor = width / FACE[2]
        larger = person.resize([round(side * factor) for side in person.size], Image.Resampling.BICUBIC)
        picture.paste(larger, (round(left - FACE[0] * factor), round(top - FACE[1] * factor)))
    # What was enlarged is smooth; a photo has noise.
    noise = np.random.default_rng(1).normal(0, 1, (*SIZE[::-1], 1))
    return Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))


def resident():
    """The resident memory of this process, in MiB."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def search(pixels, rounds):
    times, memory = [], [resident()]
    for _ in range(rounds):
        started, used = time.perf_counter(), time.process_time()
        faces = enlarger.find_faces(pixels, threads=1)
        times.append((time.perf_counter() - started, time.process_time() - used))
        memory.append(resident())
        assert len(faces) == len(PLACES), faces
    wall, used = (min(column) for column in zip(*times))
    print(f"search, 1 thread: {wall:.2f} s, {used:.2f} CPU-s; resident before and after each: {[round(m) for m in memory]} MiB")


def command(enlarge, source, preset):
    """Wall time, CPU time and peak memory in MiB of a run."""
    started = time.perf_counter()
    words = ["-q", "-p", preset, "-s", "2", "--overwrite", source, "-o", source.with_stem(preset)]
    child = subprocess.Popen([enlarge, *words])
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{preset}: status {status}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(enlarge, folder, rounds=3):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "group.png"
    # In a process of its own, because the peak of a child counts the memory of its parent until it runs its program.
    subprocess.run([sys.executable, __file__, "--make", source], check=True)
    taken = {preset: [] for preset in PRESETS}
    for _ in range(int(rounds)):
        for preset, runs in taken.items():
            runs.append(command(enlarge, source, preset))
    least = {preset: [min(column) for column in zip(*runs)] for preset, runs in taken.items()}
    print(f"{SIZE[0]}x{SIZE[1]} x2, {rounds} rounds, load {os.getloadavg()[0]:.1f}; wall time, CPU time, peak memory, and ratios to {PRESETS[0]}")
    for preset, (wall, used, memory) in least.items():
        first = least[PRESETS[0]]
        print(f"{preset:9} {wall:6.2f} s {wall / first[0]:5.2f}  {used:6.2f} CPU-s {used / first[1]:5.2f}  {memory:5.0f} MiB")
    search(np.asarray(Image.open(source)), int(rounds))


if __name__ == "__main__":
    if sys.argv[1] == "--make":
        photo().save(sys.argv[2], compress_level=1)
    else:
        main(*sys.argv[1:])
