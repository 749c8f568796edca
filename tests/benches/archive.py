"""Measures archives: the pictures a second on one and on two workers of one thread, the overhead over the plain command, and
what Ray itself takes for each task.

    python archive.py FOLDER [ROUNDS] [PICTURES]

Needs the wheel, and Ray. Contenders take turns; the smallest time of each counts. Pictures have one megapixel and are
enlarged ×2 with the default preset. The time of a run has no start of Ray in it, and its workers have enlarged a picture
before.
"""

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import enlarger.archive
import numpy
import ray
from enlarger._command import command
from enlarger.archive.run import PICTURES_PER_TASK
from PIL import Image

OPTIONS = ["-s", "2"]
# Names for the last part. All are refused, because they lead out of the folder of the manifest.
NAMES = 10_000


def photos(folder, count):
    """Photos of one megapixel, each a part of one that is repeated, and each another one."""
    cat = numpy.asarray(Image.open(Path(__file__).parent / "../data/cat.png").convert("RGB"))
    rows, columns = -(-2048 // cat.shape[0]), -(-2048 // cat.shape[1])
    large = numpy.tile(cat, (rows, columns, 1))
    folder.mkdir()
    for number in range(count):
        top = number * 37
        Image.fromarray(large[top : top + 1000, top : top + 1000]).save(folder / f"{number:04}.jpg", quality=92)


def plain(pictures, to):
    """The plain command, on all pictures in one process."""
    shutil.rmtree(to, ignore_errors=True)
    start = time.monotonic()
    subprocess.run([command(), pictures, "-o", to, "--threads", "1", *OPTIONS], check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def archive(first, pictures, to, workers, in_task):
    """A run on so many workers."""
    for old in (to, f"{to}-first"):
        shutil.rmtree(old, ignore_errors=True)
    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
    try:
        enlarger.archive.run([str(first)], f"{to}-first", OPTIONS, pictures_per_task=1)
        totals = enlarger.archive.run([str(pictures)], str(to), OPTIONS, pictures_per_task=in_task)
        assert totals.done == len(list(pictures.iterdir())), totals
    finally:
        ray.shutdown()
    return totals.seconds


def names(folder):
    """The seconds of a run whose tasks do nothing, and the processor time of the process that began it."""
    manifest = folder / "names.txt"
    manifest.write_text("".join(f"../{number:08}.png\n" for number in range(NAMES)))
    ray.init(num_cpus=os.cpu_count(), include_dashboard=False, log_to_driver=False)
    try:
        before = time.process_time()
        totals = enlarger.archive.run([str(manifest)], str(folder / "names"))
        used = time.process_time() - before
        assert totals.failed == NAMES, totals
    finally:
        ray.shutdown()
    return totals.seconds, used


def main(folder, rounds=2, count=16):
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    folder = Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    photos(folder / "photos", count)
    photos(folder / "first", 2)
    best = {}
    for _ in range(rounds):
        for name, run in [
            ("plain command, 1 thread", lambda: plain(folder / "photos", folder / "plain")),
            ("archive, 1 worker", lambda: archive(folder / "first", folder / "photos", folder / "one", 1, 8)),
            ("archive, 2 workers", lambda: archive(folder / "first", folder / "photos", folder / "two", 2, 4)),
        ]:
            seconds = run()
            best[name] = min(seconds, best.get(name, seconds))
            print(f"{name}: {seconds:.2f} s", flush=True)
    for name, seconds in best.items():
        print(f"{name}: {count} pictures in {seconds:.2f} s, {count / seconds:.3f} a second")
    one, two, alone = best["archive, 1 worker"], best["archive, 2 workers"], best["plain command, 1 thread"]
    print(f"2 workers are {one / two:.2f} times as fast as 1")
    print(f"1 worker takes {100 * (one / alone - 1):.1f} % more than the plain command")
    seconds, used = names(folder)
    tasks = -(-NAMES // PICTURES_PER_TASK)
    print(f"{NAMES} names in {tasks} tasks: {1000 * seconds / tasks:.1f} ms for each, the start of the run included")
    print(f"{1000 * used / tasks:.1f} ms of them are processor time of this process")
    print(f"most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
