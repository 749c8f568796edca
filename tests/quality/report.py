"""Reports of the measurements: the rows of QUALITY.csv, and contact sheets."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw


def sheet(rows: list[tuple[str, list[tuple[str, Image.Image]]]], path: Path) -> None:
    """Writes the middles of the results side by side, at twice their size."""
    side = 120
    tiles = [[(label, tile) for label, tile in row] for _, row in rows]
    width = max(map(len, tiles)) * (2 * side + 4)
    image = Image.new("RGB", (width, len(tiles) * (2 * side + 16)), "white")
    draw = ImageDraw.Draw(image)
    for y, ((name, _), row) in enumerate(zip(rows, tiles)):
        for x, (label, picture) in enumerate(row):
            left, top = (picture.width - side) // 2, (picture.height - side) // 2
            piece = picture.crop((left, top, left + side, top + side)).resize((2 * side, 2 * side), Image.NEAREST)
            image.paste(piece, (x * (2 * side + 4), y * (2 * side + 16) + 14))
            draw.text((x * (2 * side + 4) + 2, y * (2 * side + 16) + 1), f"{name}: {label}", fill="black")
    image.save(path, quality=92)


COLUMNS = "pictures,models,kind,scale,wear,method,psnr_db,over_bicubic_db,worst_over_bicubic_db,ssim,drift_of_255"


def csv_rows(figures: list[dict], pictures: str, models: str) -> list[str]:
    """The rows of QUALITY.csv: means over the pictures of each kind, and the worst picture against bicubic.

    Arguments:
        figures: one entry for each picture and method, with bicubic among the methods.
        pictures: the set of pictures, "main" or "other".
        models: the models that could be used, "all" or "built-in".
    """
    lines = []
    for kind in ("photos", "drawings"):
        for scale, wear, method in dict.fromkeys((f["scale"], f["wear"], f["method"]) for f in figures):
            of = lambda m: [f for f in figures if (f["kind"], f["scale"], f["wear"], f["method"]) == (kind, scale, wear, m)]
            ours, bicubic = of(method), {f["picture"]: f["psnr"] for f in of("bicubic")}
            if not ours:
                continue
            over = [f["psnr"] - bicubic[f["picture"]] for f in ours]
            mean = lambda key: float(np.mean([f[key] for f in ours]))
            drift = max(f["drift"] for f in ours)
            lines.append(
                f"{pictures},{models},{kind},{scale},{wear},{method},{mean('psnr'):.2f},{np.mean(over):.2f},"
                f"{min(over):.2f},{mean('ssim'):.4f},{drift:.2f}"
            )
    return lines
