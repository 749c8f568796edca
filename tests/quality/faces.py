"""Measures what presets do to faces. Run by scripts/quality-faces.

Each photograph is made smaller, enlarged again by each preset, and compared with the original inside the face: PSNR, and how
much of the original's fine texture is left, as the ratio of the local variance of fine detail. 1 is as much texture as the original
has; less is plastic skin, more is invented. A crop of each face goes into a contact sheet, to be looked at.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

# Portrait must keep this share of the texture of a plain enlargement by bicubic, and have at most this multiple of the original's.
LEAST, MOST = 0.9, 1.1


def faces_of(program: Path, picture: Path) -> list[tuple[int, int, int, int]]:
    """The boxes of the faces that the program finds: left, top, right, bottom."""
    told = subprocess.run([program, "info", "--json", picture], check=True, capture_output=True, text=True).stdout
    boxes = [face["box"] for face in json.loads(told.splitlines()[0])["faces"]]
    return [(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h in boxes]


def luminance(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB"), float) @ (0.2126, 0.7152, 0.0722)


def texture(gray: np.ndarray) -> np.ndarray:
    """The local variance of detail finer than about four pixels."""
    return gaussian_filter((gray - gaussian_filter(gray, 1.5)) ** 2, 4)


def measure(truth: Image.Image, result: Image.Image, box: tuple[int, int, int, int]) -> tuple[float, float]:
    """PSNR and the ratio of texture inside the box. The median, so that the edges of eyes and mouth do not outweigh skin."""
    left, top, right, bottom = box
    inside = np.s_[max(top, 0) : bottom, max(left, 0) : right]
    error = np.mean((np.asarray(truth, float)[inside] - np.asarray(result, float)[inside]) ** 2)
    ratio = texture(luminance(result))[inside] / np.maximum(texture(luminance(truth))[inside], 0.25)
    return 10 * np.log10(255**2 / error), float(np.median(ratio))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enlarge", type=Path, required=True, help="the program")
    parser.add_argument("--out", type=Path, required=True, help="the folder for results")
    parser.add_argument("--presets", default="natural,crisp,portrait", help="separated by commas")
    parser.add_argument("--arguments", default="", help="further arguments for the program")
    parser.add_argument("pictures", nargs="+", type=Path, help="photographs with faces")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    presets, missed = given.presets.split(","), []
    print("picture        face  factor " + " ".join(f"{method:>16}" for method in ("bicubic", *presets)))
    for path in given.pictures:
        original = Image.open(path).convert("RGB")
        boxes = faces_of(given.enlarge, path)
        if not boxes:
            missed.append(f"{path.name}: no face was found in the original")
        for factor in (2, 4):
            size = (original.width // factor * factor, original.height // factor * factor)
            truth = original.crop((0, 0, *size))
            small = given.out / f"{path.stem}.{factor}.png"
            truth.resize((size[0] // factor, size[1] // factor), Image.BICUBIC).save(small)
            small_picture = Image.open(small)
            results = {"bicubic": small_picture.resize(size, Image.BICUBIC)}
            for preset in presets:
                made = given.out / f"{path.stem}.{factor}.{preset}.png"
                words = [given.enlarge, small, "-o", made, "-p", preset, "-s", factor, "--overwrite", "-q"]
                subprocess.run([*map(str, words), *given.arguments.split()], check=True)
                results[preset] = Image.open(made).convert("RGB")
            for number, box in enumerate(boxes):
                found = {preset: measure(truth, result, box) for preset, result in results.items()}
                figures = " ".join(f"{psnr:8.2f} dB {ratio:4.2f}" for psnr, ratio in found.values())
                print(f"{path.stem:14} {number:4} {factor:7} {figures}")
                if "portrait" in found:
                    (_, plain), (_, texture_left) = found["bicubic"], found["portrait"]
                    if not LEAST * plain <= texture_left <= MOST:
                        missed.append(f"{path.name}, face {number}, ×{factor}: texture {texture_left:.2f}, bicubic {plain:.2f}")
                left, top, right, bottom = box
                around = (right - left) // 2
                part = (left - around, top - around, right + around, bottom + around)
                views = [picture.crop(part).resize((360, 360), Image.BICUBIC) for picture in (truth, *results.values())]
                sheet = Image.new("RGB", (360 * len(views), 360))
                for index, view in enumerate(views):
                    sheet.paste(view, (360 * index, 0))
                sheet.save(given.out / f"{path.stem}.{factor}.face{number}.png")
    if missed:
        raise SystemExit("\n".join(["missed:", *missed]))


main()
