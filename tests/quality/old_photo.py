"""Measures the preset old-photo: pictures worn by `old_wear.py`, and pictures without damage. Run by scripts/old-photo.

The command searches and repairs as for anybody: `enlarge scratches`, and `enlarge --preset old-photo`. The exit status is 1 if a bar is missed.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import old_wear
from PIL import Image
from pictures import DRAWINGS, PHOTOS, whole
from scipy.ndimage import binary_dilation
from skimage.color import deltaE_ciede2000, rgb2lab

# Further pictures of the scikit-image wheel.
MORE = {
    "camera.png": "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
    "coins.png": "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba",
    "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
    "retina.jpg": "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
    "moon.png": "78739619d11f7eb9c165bb5d2efd4772cee557812ec847532dbb1d92ef71f577",
}
# A night sky, a page and handwriting: they are measured without damage only. People do not keep such prints, and each has what looks like it.
ONLY_SOUND = ["hubble_deep_field.jpg", "page.png", "text.png", "moon.png"]
# Prints that have yellowed. They are made gray first, as they were when they were new.
YELLOWED = [name for name in PHOTOS | DRAWINGS if "." not in name]
# A print that has faded itself: its darkest tone is a light gray, which the preset rightly corrects. Without further damage, only the rest is measured.
FADED = ["march-pastoral"]
# The longer side, in pixels. Larger pictures are made smaller.
LONGEST = 640
# Each picture is worn twice; its place in the list is added.
SEEDS = [0, 100]
# What bars say: the largest share of the colour error that is left; the least share of the damage that is found; the most sound pixels that are
# touched; the most that repair changes of a picture without damage, of 255.
LEFT, FOUND, TOUCHED, CHANGED = 0.5, 0.8, 0.01, 1.0
# Without a network: what remains is the repair.
REPAIR = ["--strength", "0", "--denoise", "0"]
BEGIN, END = "<!-- written by scripts/old-photo -->\n", "<!-- end of what scripts/old-photo writes -->\n"


class Figures(NamedTuple):
    """What was measured of one worn picture. Shares are from 0 to 1."""

    name: str
    before: float
    after: float
    found: float
    touched: float


def save(pixels: np.ndarray, path: Path) -> None:
    Image.fromarray((np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8)).save(path)


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"), np.float64) / 255


class Command:
    def __init__(self, program: Path, folder: Path) -> None:
        empty = folder / "empty"
        empty.mkdir(parents=True, exist_ok=True)
        self.program = program.resolve()
        self.environment = dict(os.environ) | dict.fromkeys(("XDG_DATA_HOME", "XDG_DATA_DIRS"), str(empty.resolve()))
        self.environment["ENLARGER_MODELS"] = ""

    def run(self, *words: object) -> None:
        subprocess.run([self.program, *map(str, words), "--overwrite", "-q"], env=self.environment, check=True)

    def restored(self, picture: Path, more: list[str]) -> np.ndarray:
        result = picture.with_suffix(".restored.png")
        self.run(picture, "-p", "old-photo", "-o", result, *more)
        return read(result)

    def scratches(self, picture: Path) -> np.ndarray:
        mask = picture.with_suffix(".mask.png")
        self.run("scratches", picture, "-o", mask)
        return np.asarray(Image.open(mask)) > 127


def colour_error(a: np.ndarray, b: np.ndarray) -> float:
    """The mean ΔE2000."""
    return float(deltaE_ciede2000(rgb2lab(a), rgb2lab(b)).mean())


def measure(command: Command, name: str, original: np.ndarray, seed: int, folder: Path) -> tuple[Figures, list[np.ndarray]]:
    worn = old_wear.wear(original, seed)
    path = folder / f"{Path(name).stem}-{seed}.png"
    save(worn.pixels, path)
    mask, restored = command.scratches(path), command.restored(path, [])
    damaged = worn.damage > 0.5
    # The rim of damage is neither damaged nor sound.
    sound = ~binary_dilation(worn.damage > 0.05, iterations=3)
    errors = [colour_error(pixels, original) for pixels in (read(path), restored)]
    shown = read(path)
    shown[mask] = [1, 0, 0]
    return Figures(name, *errors, float(mask[damaged].mean()), float(mask[sound].mean())), [original, read(path), shown, restored]


def table(figures: list[Figures], sound: dict[str, tuple[float, float]], judged: list[tuple[bool, str]]) -> str:
    lines = ["| picture | ΔE2000 worn | restored | damage found | sound pixels touched | change of the picture without damage: repair | whole preset |",
             "|---|---|---|---|---|---|---|"]
    for name, (repair, all_) in sound.items():
        of = [f for f in figures if f.name == name]
        mean = lambda key: float(np.mean([getattr(f, key) for f in of]))
        error = f"{mean('before'):.1f} | {mean('after'):.1f}" if of else " | "
        shares = f"{mean('found') * 100:.0f} % | {mean('touched') * 100:.2f} %" if of else " | "
        lines.append(f"| {Path(name).stem.replace('_', ' ').replace('-', ' ')} | {error} | {shares} | {repair:.2f} | {all_:.2f} |")
    lines += ["", "| bar | |", "|---|---|"]
    lines += [f"| {sentence} | {'met' if met else '**missed**'} |" for met, sentence in judged]
    return "\n".join(lines) + "\n"


def judge(figures: list[Figures], sound: dict[str, tuple[float, float]]) -> list[tuple[bool, str]]:
    mean = lambda key: float(np.mean([getattr(f, key) for f in figures]))
    before, after, found, touched = map(mean, ("before", "after", "found", "touched"))
    name, (most, _) = max(sound.items(), key=lambda item: item[1][0])
    average = float(np.mean([repair for repair, _ in sound.values()]))
    return [
        (after <= LEFT * before, f"mean ΔE2000 falls from {before:.1f} to {after:.1f}, at least to half"),
        (found >= FOUND, f"{found * 100:.0f} % of the damaged pixels are found, at least {FOUND * 100:.0f} %"),
        (touched < TOUCHED, f"{touched * 100:.2f} % of the sound pixels are touched, less than {TOUCHED * 100:.0f} %"),
        (average < CHANGED, f"repair changes pictures without damage by {average:.2f}/255 on average, less than {CHANGED:.0f};"
                            f" most: {Path(name).stem}, {most:.2f}"),
    ]


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Original, worn, found and restored of each picture, side by side."""
    tiles = [[Image.fromarray((tile * 255).astype(np.uint8)) for tile in row] for row in rows]
    for row in tiles:
        for tile in row:
            tile.thumbnail((400, 400))
    image = Image.new("RGB", (404 * 4, sum(row[0].height + 4 for row in tiles)), "white")
    y = 0
    for row in tiles:
        for x, tile in enumerate(row):
            image.paste(tile, (404 * x, y))
        y += row[0].height + 4
    image.save(path, quality=92)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enlarge", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--check", action="store_true", help="leave QUALITY.md as it is")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    command = Command(options.enlarge, options.out)
    figures, sound = [], {}
    for place, (name, digest) in enumerate((PHOTOS | DRAWINGS | MORE).items()):
        picture, _ = whole(name, digest, options.pictures)
        picture.thumbnail((LONGEST, LONGEST))
        if name in YELLOWED:
            picture = picture.convert("L").convert("RGB")
        original = np.asarray(picture, np.float64) / 255
        path = options.out / f"{Path(name).stem}.png"
        save(original, path)
        change = lambda more: float(np.abs(command.restored(path, more) - original).mean() * 255)
        fading = ["--fading", "0"] if name in FADED else []
        sound[name] = (change(REPAIR + fading), change(fading))
        rows = []
        for seed in SEEDS if name not in ONLY_SOUND else []:
            measured, row = measure(command, name, original, seed + place, options.out)
            figures.append(measured)
            rows.append(row)
            print(measured, flush=True)
        if rows:
            sheet(rows, options.out / f"sheet-{Path(name).stem}.jpg")
        print(name, sound[name], flush=True)
    judged = judge(figures, sound)
    text = table(figures, sound, judged)
    print(text)
    if not options.check:
        page = Path(__file__).parents[2] / "QUALITY.md"
        before, rest = page.read_text().split(BEGIN)
        page.write_text(before + BEGIN + text + END + rest.split(END)[1])
    sys.exit(0 if all(met for met, _ in judged) else 1)


if __name__ == "__main__":
    main()
