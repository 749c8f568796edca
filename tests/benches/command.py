"""Compares the command with onnxruntime in Python: the same photo of one megapixel, from PNG to PNG, enlarged four times.

    python command.py ENLARGE MODEL.onnx FOLDER [ROUNDS]

Contenders take turns. The smallest and the median wall time are printed, and the smallest CPU time. For the command they
include the whole process. For the rival they include reading, running and writing (PNG by Pillow), in a process that has
already imported everything and opened the model.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 1024


def photo(path):
    """A photo, repeated."""
    cat = np.asarray(Image.open(Path(__file__).parent / "../data/cat.png").convert("RGB"))
    rows, columns = -(-SIDE // cat.shape[0]), -(-SIDE // cat.shape[1])
    Image.fromarray(np.tile(cat, (rows, columns, 1))[:SIDE, :SIDE]).save(path)


def rival(model, source, target):
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    print("ready", flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        pixels = np.asarray(Image.open(source)).transpose(2, 0, 1)[None].astype(np.float32) / 255
        made = session.run(None, {"input": pixels})[0][0].transpose(1, 2, 0)
        Image.fromarray((made.clip(0, 1) * 255 + 0.5).astype(np.uint8)).save(target)
        print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)


def command(enlarge, precision, source, target):
    arguments = [enlarge, source, "--engine", "winograd", "--precision", precision, "-o", target, "--overwrite", "-q"]
    start = time.perf_counter()
    child = subprocess.Popen(arguments)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if status:
        sys.exit(f"{arguments} failed")
    return wall, usage.ru_utime + usage.ru_stime


def main(enlarge, model, folder, rounds=3):
    source, target = f"{folder}/photo.png", f"{folder}/result.png"
    photo(source)
    arguments = [sys.executable, __file__, "rival", model, source, target]
    child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"

    def ask():
        child.stdin.write("run\n")
        child.stdin.flush()
        return tuple(map(float, child.stdout.readline().split()))

    contenders = {
        "onnxruntime in Python": ask,
        "enlarge --precision exact": lambda: command(enlarge, "exact", source, target),
        "enlarge --precision auto": lambda: command(enlarge, "auto", source, target),
    }
    times = {name: [] for name in contenders}
    for _ in range(int(rounds)):
        for name, run in contenders.items():
            times[name].append(run())
    child.stdin.close()
    child.wait()
    print(f"PNG to PNG, {SIDE}x{SIDE}, {rounds} rounds, load {os.getloadavg()[0]:.1f}; wall, its median, CPU, how many times as fast")
    first = None
    for name, taken in times.items():
        wall, cpu = zip(*taken)
        first = first or (min(wall), min(cpu))
        ratios = f"{first[0] / min(wall):.2f} {first[1] / min(cpu):.2f}"
        print(f"| {name} | {min(wall):.2f} s | {statistics.median(wall):.2f} s | {min(cpu):.2f} s | {ratios} |")


if __name__ == "__main__":
    rival(*sys.argv[2:]) if sys.argv[1] == "rival" else main(*sys.argv[1:])
