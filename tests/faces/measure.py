"""Measures the search for faces: recall on photographs with known faces, as they are and made harder, and false alarms.

    measure.py COMMAND FOLDER [--quick]

COMMAND is `enlarge`; pictures are fetched into FOLDER. `scripts/faces` calls this. It is no test: it asserts nothing, and its
figures belong into docs/faces.md. truth.csv holds the faces: boxes as the search gives them, each checked by eye, and those it
misses written by hand.
"""

import collections
import csv
import json
import pathlib
import subprocess
import sys
import tarfile

import numpy
from PIL import Image, ImageDraw

HERE = pathlib.Path(__file__).parent
# Packages whose pictures show nobody, and where these lie in them.
NOBODY = {
    "deb gnome-backgrounds": "usr/share/backgrounds/**/*",
    "deb mate-backgrounds": "usr/share/backgrounds/**/*",
    "deb lomiri-wallpapers-16.04": "usr/share/backgrounds/*",
    "deb opencv-doc": "usr/share/doc/opencv-doc/examples/data/*",
    "pypi scikit-image 0.26.0": "skimage/data/*",
}
# Files in these folders that do show people, or toys and drawings of faces: a man holds the board for calibration up, a robot has
# eyes and a mouth, and a portrait is drawn beside the sudoku.
PEOPLE = {
    "astronaut.png", "camera.png", "messi5.jpg", "basketball1.png", "basketball2.png", "lena.jpg", "Blender_Suzanne1.jpg",
    "Blender_Suzanne2.jpg", "rubberwhale1.png", "rubberwhale2.png", "ml.png", "sudoku.png",
    *(f"{eye}{number:02}.jpg" for eye in ("left", "right") for number in range(1, 15)),
}
KINDS = {".jpg", ".jpeg", ".png", ".webp"}


def fetch(source, folder):
    """The unpacked package; `source` is a kind, a name and, but for Debian, a version."""
    kind, name, *version = source.split()
    target = folder / source.replace("/", "_")
    if target.exists():
        return target
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    if kind == "npm":
        subprocess.run(["npm", "pack", "--silent", f"{name}@{version[0]}"], cwd=work, check=True, stdout=subprocess.DEVNULL)
        (archive,) = work.glob("*.tgz")
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")
    elif kind == "deb":
        subprocess.run(["apt-get", "download", "-q", name], cwd=work, check=True, stdout=subprocess.DEVNULL)
        (archive,) = work.glob("*.deb")
        subprocess.run(["dpkg", "-x", archive, target], check=True)
    else:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", f"--target={target}", f"{name}=={version[0]}"]
        subprocess.run(pip, check=True)
        return target
    archive.unlink()
    return target


def turned(picture, boxes, degrees):
    """Turned anticlockwise about its middle, on gray."""
    made = picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(128, 128, 128))
    angle = numpy.deg2rad(degrees)

    def place(left, top, width, height):
        x, y = left + width / 2 - picture.width / 2, top + height / 2 - picture.height / 2
        x, y = x * numpy.cos(angle) + y * numpy.sin(angle), y * numpy.cos(angle) - x * numpy.sin(angle)
        return x + made.width / 2 - width / 2, y + made.height / 2 - height / 2, width, height

    return made, [place(*box) for box in boxes]


def smaller(picture, boxes, width):
    """Reduced so that the widest face has this width."""
    factor = min(1.0, width / max(box[2] for box in boxes))
    size = [max(1, round(side * factor)) for side in picture.size]
    return picture.resize(size, Image.Resampling.BOX), [tuple(v * factor for v in box) for box in boxes]


def dark(picture, boxes):
    return picture.point(lambda value: round(value * 0.15)), boxes


def noisy(picture, boxes):
    noise = numpy.random.default_rng(1).normal(0, 40, (picture.height, picture.width, 3))
    return Image.fromarray(numpy.clip(numpy.asarray(picture) + noise, 0, 255).astype(numpy.uint8)), boxes


def hidden(picture, boxes, left, top, right, bottom):
    """A gray patch over this part of each face."""
    made = picture.copy()
    draw = ImageDraw.Draw(made)
    for x, y, width, height in boxes:
        draw.rectangle((x + left * width, y + top * height, x + right * width, y + bottom * height), fill=(60, 60, 70))
    return made, boxes


HARDER = {
    **{f"turned by {angle}°": (lambda *at, angle=angle: turned(*at, angle)) for angle in (15, 30, 45, 90, 135, 180)},
    **{f"{width} pixels wide": (lambda *at, width=width: smaller(*at, width)) for width in (40, 30, 24, 20, 16)},
    "dark (0.15 of the values)": dark,
    "noisy (deviation 40)": noisy,
    "eyes hidden": lambda *at: hidden(*at, 0, 0.1, 1, 0.42),
    "mouth hidden": lambda *at: hidden(*at, 0, 0.6, 1, 1.1),
    "one half hidden": lambda *at: hidden(*at, 0.5, -0.1, 1.2, 1.1),
}


def overlap(a, b):
    common = [max(0.0, min(a[i] + a[i + 2], b[i] + b[i + 2]) - max(a[i], b[i])) for i in (0, 1)]
    both = common[0] * common[1]
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def search(command, paths):
    """The boxes in each picture, and the scores."""
    done = subprocess.run([command, "info", "--json", "--advice", "off", *paths], capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    if len(found) != len(paths) or any(answer["error"] for answer in found):
        sys.exit(f"error: {done.stderr}")
    return [[(face["box"], face["score"]) for face in answer["faces"]] for answer in found]


def compare(found, boxes):
    """How many of the boxes were found, and how many finds are none of them."""
    left = [box for box, _ in found]
    hits = 0
    for box in boxes:
        best = max(left, key=lambda other: overlap(box, other), default=None)
        if best is not None and overlap(box, best) >= 0.3:
            left.remove(best)
            hits += 1
    return hits, len(left)


def main():
    command, folder, *options = sys.argv[1:]
    folder = pathlib.Path(folder)
    pictures = collections.defaultdict(list)
    with (HERE / "truth.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            box = tuple(float(row[key]) for key in ("left", "top", "width", "height"))
            pictures[fetch(row["source"], folder) / row["file"]].append(box)
    print(f"| {len(pictures)} photographs | faces | found | false alarms |\n|---|---|---|---|")
    ways = {"as they are": lambda *at: at, **({} if "--quick" in options else HARDER)}
    made = folder / "made"
    made.mkdir(exist_ok=True)
    for way, change in ways.items():
        truth = []
        for index, (path, boxes) in enumerate(pictures.items()):
            with Image.open(path) as picture:
                harder, boxes = change(picture.convert("RGB"), boxes)
            harder.save(made / f"{index}.png")
            truth.append(boxes)
        counts = [compare(*pair) for pair in zip(search(command, [made / f"{i}.png" for i in range(len(truth))]), truth)]
        hits, alarms = (sum(column) for column in zip(*counts))
        print(f"| {way} | {sum(map(len, truth))} | {hits} | {alarms} |", flush=True)
    nobody = [
        path
        for source, pattern in NOBODY.items()
        for path in sorted(fetch(source, folder).glob(pattern))
        if path.suffix.lower() in KINDS and path.name not in PEOPLE and path.is_file()
    ]
    seen = search(command, nobody)
    for path, faces in zip(nobody, seen):
        if faces:
            print(f"seen in {path}: {faces}", file=sys.stderr)
    print(f"| {len(nobody)} pictures without people | 0 | | {sum(map(len, seen))} |")


if __name__ == "__main__":
    main()
