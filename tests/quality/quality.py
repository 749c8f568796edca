"""Measures presets on real pictures, beside classical methods. Run by scripts/quality.

Each picture of `pictures.py` is made smaller and degraded, enlarged again, and compared with the original. The exit status
is 1 if a bar of `bars.py` is missed or a flat colour does not stay exact.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import charts
from bars import judge
from overshoot import overshoot
from PIL import Image
from pictures import DRAWINGS, OTHER_DRAWINGS, OTHER_PHOTOS, PHOTOS, WEARS, truth, worn
from report import COLUMNS, csv_rows, sheet
from skimage.metrics import structural_similarity

PRESETS = ["natural", "portrait", "detail", "crisp", "clean", "illustration", "restore", "precise", "creative"]
CLASSICAL = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
BORDER = 8
FLATS = (0, 128, 255)


class Command:
    """Runs the program, and shows each of its messages once for a preset and a factor."""

    def __init__(self, program: Path, built_in: Path | None, denoise: int | None, edge_care: int | None) -> None:
        self.program, self.denoise, self.edge_care = program.resolve(), denoise, edge_care
        self.environment = dict(os.environ)
        if built_in:
            built_in.mkdir(parents=True, exist_ok=True)
            empty = str(built_in.resolve())
            self.environment |= {"XDG_DATA_HOME": empty, "XDG_DATA_DIRS": empty, "ENLARGER_MODELS": ""}
        self.said = set()
        self.failed = []

    def run(self, pictures: list[Path], into: Path, preset: str, scale: int, more: Sequence[object] = ()) -> list[Path]:
        # With the slash, one picture goes into a folder, too.
        words = [self.program, *pictures, "-o", f"{into}/", "-p", preset, "-s", scale, "--overwrite", "-q", *more]
        if self.denoise is not None:
            words += ["--denoise", self.denoise]
        if self.edge_care is not None:
            words += ["--edge-care", self.edge_care]
        results = [into / f"{picture.stem}.{scale}x.png" for picture in pictures]
        for result in results:
            result.unlink(missing_ok=True)
        done = subprocess.run(list(map(str, words)), env=self.environment, stderr=subprocess.PIPE, text=True)
        for line in done.stderr.splitlines():
            if line.startswith("error: "):
                self.failed.append(f"{preset} at ×{scale}: {line}")
            for picture in pictures:
                line = line.replace(f"{picture}: ", "")
            if (preset, scale, line) not in self.said:
                self.said.add((preset, scale, line))
                print(f"{preset} ×{scale}: {line}", file=sys.stderr)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{preset} ×{scale} ended with status {done.returncode}")
        return results


def inner(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, np.float64)[BORDER:-BORDER, BORDER:-BORDER]


def measure(result: Image.Image, original: Image.Image, small: Image.Image) -> dict[str, float]:
    a, b = inner(result), inner(original)
    error = np.mean((a - b) ** 2)
    # Drift is measured against the source, because the preset is not to blame for the wear.
    drift = np.abs(np.asarray(result, np.float64).mean((0, 1)) - np.asarray(small, np.float64).mean((0, 1)))
    ssim = structural_similarity(a, b, channel_axis=2, data_range=255)
    psnr = 10 * np.log10(255**2 / max(error, 1e-9))
    return {"psnr": psnr, "ssim": ssim, "drift": drift.max(), "overshoot": overshoot(result, small),
            "overshoot_of_truth": overshoot(original, small)}


def flats(command: Command, presets: list[str], out: Path) -> list[tuple[bool, str]]:
    """Whether flat black, gray and white keep their exact values."""
    out.mkdir(parents=True, exist_ok=True)
    pictures = [out / f"{level}.png" for level in FLATS]
    for level, path in zip(FLATS, pictures):
        Image.new("RGB", (70, 50), (level,) * 3).save(path)
    judged = []
    for preset in presets:
        moved = []
        for scale in (1, 2, 3, 4):
            for level, path in zip(FLATS, command.run(pictures, out / preset, preset, scale)):
                if not path.exists():
                    moved.append(f"{level} was not enlarged at ×{scale}")
                    continue
                made = np.asarray(Image.open(path).convert("RGB"))
                if (made != level).any():
                    moved.append(f"{level} became {made.min()} to {made.max()} at ×{scale}")
        judged.append((not moved, f"{preset}: flat colours at ×1 to ×4 {', '.join(moved) or 'stay exact'}"))
    return judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--enlarge", type=Path, required=True)
    parser.add_argument("--presets", default=",".join(PRESETS))
    parser.add_argument("--scales", default="1,2,3,4", help="at 1, only the preset restore runs")
    parser.add_argument("--other", action="store_true", help="measure the pictures that no threshold was chosen with")
    parser.add_argument("--wears", default=",".join(WEARS))
    parser.add_argument("--denoise", type=int, help="the noise level for all presets; by default each chooses its own")
    parser.add_argument("--edge-care", type=int, help="for all presets; by default the command chooses it")
    parser.add_argument("--built-in", action="store_true", help="ignore installed models")
    options = parser.parse_args()
    presets = options.presets.split(",")
    command = Command(options.enlarge, options.out / "empty" if options.built_in else None, options.denoise, options.edge_care)
    photos, drawings = (OTHER_PHOTOS, OTHER_DRAWINGS) if options.other else (PHOTOS, DRAWINGS)
    originals = {
        kind: {name: truth(name, digest, options.pictures) for name, digest in list_.items()}
        for kind, list_ in (("photos", photos), ("drawings", drawings))
    }
    judged = flats(command, presets, options.out / "flat")
    figures = []
    for scale in map(int, options.scales.split(",")):
        # At scale 1 a clean picture is already the expected result.
        for wear in [wear for wear in options.wears.split(",") if scale > 1 or wear != "clean"]:
            folder = options.out / f"x{scale}-{wear}"
            folder.mkdir(parents=True, exist_ok=True)
            smalls = {}
            for pictures in originals.values():
                for seed, (name, picture) in enumerate(pictures.items()):
                    smalls[name] = worn(picture, scale, wear, seed)
                    smalls[name].save(folder / f"{Path(name).stem}.png")
            paths = [folder / f"{Path(name).stem}.png" for name in smalls]
            results = {}
            for preset in [p for p in presets if scale > 1 or p == "restore"]:
                results[preset] = dict(zip(smalls, command.run(paths, folder / preset, preset, scale)))
            for kind, pictures in originals.items():
                rows = []
                for name, picture in pictures.items():
                    small = smalls[name]
                    made = {m: small.resize(picture.size, how) for m, how in CLASSICAL.items()}
                    here = {preset: paths[name] for preset, paths in results.items() if paths[name].exists()}
                    made |= {preset: Image.open(path).convert("RGB") for preset, path in here.items()}
                    for method, result in made.items():
                        place = {"scale": scale, "wear": wear, "kind": kind, "picture": name, "method": method}
                        figures.append(place | measure(result, picture, small))
                    rows.append((Path(name).stem, [("truth", picture), ("bicubic", made["bicubic"]), *((p, made[p]) for p in here)]))
                sheet(rows, options.out / f"{kind}-x{scale}-{wear}.jpg")
    print("\n### Overshoot, out of 255\n")
    for kind, scale, wear, method in dict.fromkeys((f["kind"], f["scale"], f["wear"], f["method"]) for f in figures):
        of = [f for f in figures if (f["kind"], f["scale"], f["wear"], f["method"]) == (kind, scale, wear, method)]
        mean = lambda key: float(np.mean([f[key] for f in of]))
        print(f"- {kind}, ×{scale}, {wear}, {method}: {mean('overshoot'):.4f}, the originals {mean('overshoot_of_truth'):.4f}")
    if "precise" in presets:
        judged += charts.precise(command, options.out / "charts")
    if "creative" in presets:
        photo = options.out / "charts-creative.png"
        worn(next(iter(originals["photos"].values())), 4, "clean", 0).save(photo)
        judged += charts.creative(command, photo, options.out / "creativity")
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1))
    lines = csv_rows(figures, "other" if options.other else "main", "built-in" if options.built_in else "all")
    (options.out / "quality.csv").write_text("\n".join([COLUMNS, *lines]) + "\n")
    print(f"{len(lines)} rows for QUALITY.csv are in {options.out / 'quality.csv'}")
    judged += judge(figures, presets, options.built_in, options.denoise is None)
    judged += [(False, f"a picture was not enlarged: {words}") for words in command.failed]
    print("\n### Bars\n")
    for met, sentence in judged:
        print(f"- {'met' if met else 'MISSED'}: {sentence}")
    sys.exit(0 if all(met for met, _ in judged) else 1)


main()
