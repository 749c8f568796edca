"""Compares the readers of the `enlarge` command with other programs': makes files of many layouts, and lets both read them.

`cargo test -p enlarger-cli other_programs` runs it: it prints the folder with the files, waits for a line while our readers write
what they see, and compares. It says which files differ, and exits with 1 if any does.
"""

import json
import sys
import warnings

import numpy as np

from . import avifs, bitmaps, jxls, psds, tiffs
from .kit import FOLDER, expected

TYPES = {"U8": np.uint8, "U16": np.uint16, "F16": np.float16, "F32": np.float32}


def compare():
    # The test that runs this writes what our readers see beside each file.
    print(FOLDER, flush=True)
    sys.stdin.readline()
    wrong = 0
    for name, (pixels, tolerance, said) in sorted(expected.items()):
        found = json.loads((FOLDER / f"{name}.json").read_text())
        problem = None
        if "error" in found or isinstance(pixels, str):
            if not isinstance(pixels, str) or pixels not in found.get("error", ""):
                problem = f"{found.get('error', 'was read')} (wanted: {pixels if isinstance(pixels, str) else 'pixels'})"
        else:
            a = np.fromfile(FOLDER / f"{name}.raw", TYPES[found["sample"]])
            a = a.reshape(found["height"], found["width"], -1)
            b = pixels.reshape(*pixels.shape[:2], -1)
            if a.shape != b.shape or a.dtype != b.dtype:
                problem = f"{a.shape} {a.dtype} instead of {b.shape} {b.dtype}"
            else:
                worst = np.abs(a.astype(float) - b.astype(float)).max()
                if worst > tolerance:
                    problem = f"off by {worst}"
            for key, value in said.items():
                if not (value in str(found[key]) if isinstance(value, str) else found[key] == value):
                    problem = f"{key} is {found[key]!r}, not {value!r}"
        if problem:
            wrong += 1
            print(f"{name}: {problem}")
    print(f"{len(expected)} files, {wrong} wrong; they are in {FOLDER}")
    return wrong


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    tiffs.tiffs()
    bitmaps.tgas()
    bitmaps.bmps()
    bitmaps.small_formats()
    psds.psds()
    jxls.jxls()
    avifs.avifs()
    sys.exit(1 if compare() else 0)
