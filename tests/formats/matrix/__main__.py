"""Reads and writes every format, depth, alpha, profile and kind of metadata, and compares with independent programs.

    python -m matrix ENLARGE    in tests/formats; ENLARGE is the command to test

Every source is enlarged ×2 by repeating pixels into every format that results are written in. Pixels are compared with what
imagecodecs, tifffile and OpenEXR read, metadata with what exiftool reads. Whatever a result lacks must be named in a note.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from . import exiftool, facts, profiles, readers, sources
from .picture import HEIGHT, WIDTH

TARGETS = {"png": ".png", "jpeg": ".jpg", "tiff": ".tif", "webp": ".webp", "exr": ".exr"}


def main(enlarge):
    problems, compared = [], Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = folder / "sources"
        inputs.mkdir()
        written = sources.write_all(inputs)
        writer = exiftool.Exiftool()
        written += sources.with_profiles(written, writer)
        writer.run()
        for source in written:
            facts.describe(source, writer)
        writer.run()
        for stray in inputs.glob("*.icc"):
            stray.unlink()
        for target, ending in TARGETS.items():
            output = folder / target
            outcomes = run(enlarge, inputs, output, target)
            found = exiftool.read(output)
            for source in written:
                result = outcomes.get(source.path.name)
                for problem in check(source, result, found, target, ending):
                    problems.append(f"{source.path.name} to {target}: {problem}")
                compared[source.path.suffix, target] += 1
    for problem in problems:
        print(problem)
    print(f"{sum(compared.values())} pairs of a source and a format compared, {len(problems)} problems")
    return 1 if problems or not compared else 0


def run(enlarge, inputs, output, target):
    """Enlarges the folder. Gives the JSON object of each source, by its name."""
    command = [enlarge, "--json", "--quiet", "--method", "nearest", "-s", "2", "--format", target, inputs, "-o", output]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    return {Path(o["input"]).name: o for o in objects if o.get("input")}


def check(source, result, found, target, ending):
    if result is None:
        return ["no word about it"]
    if result["error"]:
        refused = target == "jpeg" and source.picture.has_alpha and "transparency" in result["error"]
        return [] if refused else [f"refused: {result['error']}"]
    if result.get("skipped"):
        return [f"skipped: {result['skipped']}"]
    path = Path(result["output"])
    if path.suffix != ending:
        return [f"written as {path.name}"]
    if target == "jpeg" and source.picture.has_alpha and np.min(source.picture.alpha) < 1:
        return ["its transparency is gone"]
    problems = compare(source, readers.read(path), result["notes"])
    tags = found.get(path.name, {})
    problems += [f"lost without a note: {lost}" for lost in facts.missing(source, tags, result["notes"])]
    problems += [f"not true: {wrong}" for wrong in facts.false(tags, 2 * WIDTH, 2 * HEIGHT)]
    return problems


def compare(source, result, notes):
    """Compares pixels, alpha and profile."""
    picture = source.picture
    repeated = picture.values.repeat(2, 0).repeat(2, 1)
    wanted = type(picture)(repeated, picture.depth, picture.icc, picture.linear)
    if result.values.shape[:2] != repeated.shape[:2]:
        return [f"has the shape {result.values.shape}"]
    problems = []
    if np.abs(result.alpha - wanted.alpha).max() > tolerance(source, result):
        problems.append(f"alpha differs by {np.abs(result.alpha - wanted.alpha).max():.5f}")
    ours, theirs = wanted.colour, result.colour
    if wanted.linear or result.linear:
        ours = ours if wanted.linear else profiles.to_linear_srgb(ours, wanted.icc)
        theirs = theirs if result.linear else profiles.to_linear_srgb(theirs, result.icc)
    elif (wanted.icc or b"") != (result.icc or b""):
        problems.append(f"the profile is {len(result.icc or b'')} bytes instead of {len(wanted.icc or b'')}")
    if ours.shape[-1] < theirs.shape[-1]:
        ours = ours.repeat(3, -1)
    if ours.shape != theirs.shape:
        return problems + [f"has the shape {result.values.shape}"]
    # Where alpha is small, premultiplied colour has fewer steps.
    visible = np.maximum(wanted.alpha, 0.1)
    difference = (np.abs(ours - theirs) * visible).max()
    converted = wanted.linear or result.linear
    # The matrices between the primaries are rounded in profiles, and differ in the fourth digit between programs.
    if difference > max(tolerance(source, result), 1e-3 if converted else 0):
        problems.append(f"colours differ by {difference:.5f}, {difference * 255:.1f} of 255")
    if isinstance(picture.depth, int) and isinstance(result.depth, int) and result.depth < picture.depth:
        if not any("8-bit" in note for note in notes):
            problems.append("its depth is reduced without a note")
    return problems


def tolerance(source, result):
    """The largest difference that the formats explain, of 1."""
    if source.lossy or result.lossy:
        return 12 / 255
    steps = [1 / (2**depth - 1) for depth in (source.picture.depth, result.depth) if isinstance(depth, int)]
    steps += [2**-10 for depth in (source.picture.depth, result.depth) if depth == "f16"]
    # Equal depths need no rounding at all, except where colours are converted or multiplied by alpha.
    return 1.01 * max(steps, default=2**-20)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
