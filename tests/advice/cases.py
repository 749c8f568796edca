"""The labelled cases: good pictures, and pictures with one defect of known strength.

`chosen` and `reported` are halves of the same making with different pictures. Thresholds were chosen on the first half, to
which pictures of another making belong as well. Those of `held.py` chose none.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import camera
import damage
import numpy as np
from case import Case
from PIL import Image
from PIL.Image import Resampling
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parent.parent / "quality"))
from pictures import OTHER_PHOTOS, PHOTOS, truth  # noqa: E402

# Of the package mate-backgrounds, beside those that tests/quality uses.
MORE_PHOTOS = "Aqua Dune FreshFlower Garden GreenMeadow LadyBird Storm TwoWings Wood YellowFlower".split()
METHODS = [Resampling.BICUBIC, Resampling.LANCZOS, Resampling.BILINEAR, Resampling.NEAREST]


def photos(pictures: Path, other: Path) -> Iterator[tuple[str, str, Image.Image]]:
    """Half, name and picture."""
    for folder, names in ((pictures, PHOTOS), (other, OTHER_PHOTOS)):
        for at, (name, digest) in enumerate(names.items()):
            yield ("chosen", "reported")[at % 2], name.split("_by_")[0].split(".")[0], truth(name, digest, folder)


def calm(sigma: float):
    return lambda colour: ndimage.gaussian_filter(colour, sigma)


def of_photo(half: str, name: str, photo: Image.Image, seed: int) -> Iterator[Case]:
    """`seed` chooses the strengths; both halves have all of them."""

    def case(what: str, made: Image.Image, code: str | None = None, words: list[str] | None = None) -> Case:
        return Case(half, name, what, damage.encoded(made), ".png", code, words or [])

    def jpeg(what: str, made: Image.Image, quality: int, code: str | None = None) -> Case:
        return Case(half, name, what, damage.encoded(made, "JPEG", quality=quality), ".jpg", code)

    yield case("good", photo)
    yield jpeg("good, JPEG 95", photo, 95)
    yield case("good, illustration asked for", photo, "content", ["-p", "illustration"])
    quality = (25, 35, 45, 55)[seed % 4]
    yield jpeg(f"JPEG {quality}", photo, quality, "compressed")
    yield case(f"JPEG {quality} as PNG", damage.decoded(damage.encoded(photo, "JPEG", quality=quality)), "compressed")
    sigma = (7, 10, 14, 20)[seed % 4]
    yield case(f"noise {sigma}", damage.noise(photo, sigma, seed, seed % 2 == 0), "noisy")
    photons, sigma = ((120, 0), (40, 1.2), (70, 2.5))[seed % 3]
    made = camera.taken(photo, photons, seed, camera.linear, calm(sigma) if sigma else None)
    yield jpeg(f"camera, {photons} photons, colour calmed by {sigma}", made, 94, "noisy")
    sigma = (1.8, 2.2, 2.6, 3.2)[seed % 4]
    yield case(f"blur {sigma}", damage.blur(photo, sigma), "blurred")
    length, angle = ((9, 0), (12, 90), (14, 30), (11, 135))[seed % 4]
    yield case(f"motion {length} at {angle}", damage.motion(photo, length, angle), "blurred")
    for at, factor in enumerate(((1.5, 3), (2, 4), (1.3, 2.5), (1.7, 2))[seed % 4]):
        method = METHODS[(seed // 4 + 2 * at + seed) % 4]
        small = photo.resize((photo.width * 2 // 3, photo.height * 2 // 3), Resampling.LANCZOS)
        yield case(f"{method.name.lower()} x{factor}", damage.enlarged(small, factor, method), "enlarged")
    yield case("unsharp mask", damage.sharpened(photo, (1.5, 2, 3)[seed % 3], (250, 300, 400)[seed % 3]), "sharpened")
    gain, offset = ((1.9, 0), (1.6, 40), (1.6, -120))[seed % 3]
    made = damage.clipped(photo, gain, offset)
    luminance = np.asarray(made.convert("L"))
    # Only where something was cut off, and something is left.
    if 0.12 < max((luminance >= 254).mean(), (luminance <= 1).mean()) < 0.6:
        yield case(f"gain {gain}, offset {offset}", made, "clipped")
    period, angle = ((4.2, 45), (5.3, 45), (3.4, 30), (6.4, 60))[seed % 4]
    yield case(f"screen of {period} at {angle}", damage.screened(photo, period, angle), "screened")
    if seed % 3 == 0:
        left, top = photo.width // 3, photo.height // 3
        yield case("72x60 piece", photo.crop((left, top, left + 72, top + 60)), "small")


def drawn(half: str, seeds: range) -> Iterator[Case]:
    for seed in seeds:
        for name, made in (
            ("drawing", damage.drawing(seed)),
            ("screenshot", damage.screenshot(seed, dark=seed % 3 == 0)),
            ("pixel art", damage.pixel_art(seed, 32 * (1 + seed % 3), 1 if seed % 2 else 4)),
        ):
            yield Case(half, f"{name} {seed}", name, damage.encoded(made), ".png", "content")
            if name != "pixel art" and seed % 2:
                words = ["-p", "illustration"]
                yield Case(half, f"{name} {seed}", f"{name}, {words[1]} asked for", damage.encoded(made), words=words)


def halves(pictures: Path, other: Path) -> Iterator[Case]:
    yield from more(other)
    for seed, (half, name, photo) in enumerate(photos(pictures, other)):
        yield from of_photo(half, name, photo, seed // 2)
    yield from drawn("chosen", range(0, 6))
    yield from drawn("reported", range(6, 12))


def more_photo(name: str, other: Path) -> Image.Image:
    picture = Image.open(other / f"usr/share/backgrounds/mate/nature/{name}.jpg").convert("RGB")
    # By another filter than the halves, and larger.
    picture = picture.reduce(max(2, picture.width // 900))
    width, height = min(picture.width, 620), min(picture.height, 460)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def more(other: Path) -> Iterator[Case]:
    for seed, name in enumerate(MORE_PHOTOS):
        photo = more_photo(name, other)

        def case(what: str, made: Image.Image, code: str | None = None) -> Case:
            return Case("chosen", name, what, damage.encoded(made), ".png", code)

        yield case("good", photo)
        yield Case("chosen", name, "good, WebP 92", damage.encoded(photo, "WEBP", quality=92), ".webp")
        quality = (20, 35, 50)[seed % 3]
        data = damage.encoded(photo, "JPEG", quality=quality, progressive=True, subsampling=0)
        yield Case("chosen", name, f"progressive JPEG {quality}, 4:4:4", data, ".jpg", "compressed")
        yield case("noise of a sensor", damage.film_noise(photo, (9, 13, 18)[seed % 3], seed), "noisy")
        yield case("out of focus", damage.disc(photo, (3.5, 4.5, 6)[seed % 3]), "blurred")
        small = photo.resize((photo.width * 2 // 3, photo.height * 2 // 3), Resampling.BOX)
        factor = (1.6, 2.0, 2.7, 3.0)[seed % 4]
        made = damage.spline(small, factor, 3 if seed % 2 else 1)
        if seed % 3 == 2:
            made = damage.decoded(damage.encoded(made, "WEBP", quality=95))
        yield case(f"spline x{factor}", made, "enlarged")
        if seed % 2:
            yield case("local contrast", damage.sharpened(damage.sharpened(photo, 1, 150), 2, 200), "sharpened")
        else:
            yield case("screen", damage.screened(photo, 3.8 + seed % 3, 20 + 7 * seed), "screened")
    yield from drawn("chosen", range(20, 24))
