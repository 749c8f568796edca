"""The held-out cases: other pictures than those of `cases.py`, damaged by other means. No threshold was chosen with them.

The photos are reduced by Mitchell's filter. Enlargements use kernels that Pillow does not have, and blur comes from an aperture
of six blades and from a hand that shakes along a curve.

Noise has photos of its own. On those of the other defects it was the first of a camera, and the rules for such noise were chosen
with it; so these cases belong to that half now.
"""

from collections.abc import Iterator
from pathlib import Path

import camera
import imagecodecs
import numpy as np
import skimage
from case import Case
from damage import convolved, encoded, image, pixels
from PIL import Image, ImageFilter
from scipy import ndimage

# Of the packages lomiri-wallpapers-20.04 and plasma-workspace-wallpapers, of the wheels of scikit-learn and matplotlib, and of
# scikit-image. Five of them have little depth of field.
DEBIAN = [
    "backgrounds/Kleiber_by_Lukas_Baubkus.jpg",
    *(f"wallpapers/{name}/contents/images/2560x1600.jpg" for name in (
        "FallenLeaf", "EveningGlow", "ColorfulCups", "OneStandsOut", "BytheWater", "Grey", "Kite"
    )),
]
WHEELS = [
    "sklearn/datasets/images/china.jpg",
    "sklearn/datasets/images/flower.jpg",
    "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
]
SKIMAGE = ["rocket.jpg", "camera.png", "coins.png"]

# For noise: of the same packages and of the wheel of ultralytics. One is gray.
DARK = [
    *(f"usr/share/wallpapers/{name}/contents/images/2560x1600.jpg" for name in ("Path", "ColdRipple", "DarkestHour", "summer_1am")),
    "usr/share/backgrounds/Infinite-Sea_by_Aury88.jpg",
    "ultralytics/assets/bus.jpg",
    "ultralytics/assets/zidane.jpg",
]


def photos(held: Path) -> Iterator[tuple[str, Image.Image]]:
    files = [held / "usr/share" / name for name in DEBIAN] + [held / name for name in WHEELS]
    for file in files + [Path(skimage.__file__).parent / "data" / name for name in SKIMAGE]:
        picture = Image.open(file).convert("RGB")
        name = file.parents[2].name if file.stem == "2560x1600" else file.stem
        # Below two thirds of their size, the traces of JPEG compression are gone.
        width = min(round(picture.width * 0.64), 600)
        picture = resampled(picture, (width, round(picture.height * width / picture.width)), mitchell, 2)
        yield name, picture.crop((0, 0, picture.width, min(picture.height, 420)))


def cubic(b: float, c: float):
    """The cubic kernel with these parameters of Mitchell and Netravali."""

    def kernel(x: np.ndarray) -> np.ndarray:
        x = np.abs(x)
        near = (12 - 9 * b - 6 * c) * x**3 + (12 * b + 6 * c - 18) * x**2 + 6 - 2 * b
        far = (-b - 6 * c) * x**3 + (6 * b + 30 * c) * x**2 - (12 * b + 48 * c) * x + 8 * b + 24 * c
        return np.where(x < 1, near, np.where(x < 2, far, 0)) / 6

    return kernel


mitchell = cubic(1 / 3, 1 / 3)
# The cubic kernel of OpenCV, sharper than Pillow's.
sharp_cubic = cubic(0, 0.75)


def linear(x: np.ndarray) -> np.ndarray:
    return np.maximum(1 - np.abs(x), 0)


def lanczos2(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < 2, np.sinc(x) * np.sinc(x / 2), 0)


def weights(length: int, wanted: int, kernel, reach: float, corners: bool) -> np.ndarray:
    """`corners`: the first and the last pixels keep their places, as some libraries do it."""
    ratio = (length - 1) / (wanted - 1) if corners else length / wanted
    places = np.arange(wanted) * ratio if corners else (np.arange(wanted) + 0.5) * ratio - 0.5
    stretch = max(ratio, 1)
    first = np.floor(places - reach * stretch).astype(int)
    made = np.zeros((wanted, length))
    for step in range(int(2 * reach * stretch) + 2):
        at = first + step
        np.add.at(made, (np.arange(wanted), np.clip(at, 0, length - 1)), kernel((at - places) / stretch))
    return made / made.sum(1, keepdims=True)


def resampled(picture: Image.Image, size: tuple[int, int], kernel, reach: float, corners: bool = False) -> Image.Image:
    across = weights(picture.width, size[0], kernel, reach, corners)
    down = weights(picture.height, size[1], kernel, reach, corners)
    return image(np.einsum("yh,hwc,xw->yxc", down, pixels(picture), across, optimize=True))


KERNELS = [("mitchell", mitchell, 2, False), ("sharp cubic", sharp_cubic, 2, False), ("linear", linear, 1, True), ("lanczos2", lanczos2, 2, False)]


def aperture(radius: float) -> np.ndarray:
    """A hexagon: what six blades make of a point out of focus."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    sides = [x * np.cos(a) + y * np.sin(a) for a in np.radians([10, 70, 130])]
    kernel = np.clip(radius * 0.9 + 0.5 - np.max(np.abs(sides), 0), 0, 1)
    return kernel / kernel.sum()


def shake(length: float, angle: float) -> np.ndarray:
    """A path that bends and slows down, as a hand moves."""
    reach = int(length)
    kernel = np.zeros((2 * reach + 1,) * 2)
    for t in np.linspace(-1, 1, 400):
        along, aside = length / 2 * np.sin(t * 1.4), length / 14 * t * t
        x = along * np.cos(angle) - aside * np.sin(angle)
        y = along * np.sin(angle) + aside * np.cos(angle)
        kernel[reach + round(y), reach + round(x)] += 1
    kernel = ndimage.gaussian_filter(kernel, 0.4)
    return kernel / kernel.sum()


def camera_noise(picture: Image.Image, photons: float, seed: int) -> Image.Image:
    """Light in photons through red, green and blue filters; the missing colours are means of their neighbours."""
    random = np.random.default_rng(seed)
    light = (pixels(picture) / 255) ** 2.2
    counted = random.poisson(light * photons) + random.normal(0, 2, light.shape)
    y, x = np.mgrid[: picture.height, : picture.width]
    filters = np.stack([(y % 2 == 0) & (x % 2 == 0), (y + x) % 2 == 1, (y % 2 == 1) & (x % 2 == 1)], -1)
    kernel = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    made = [
        ndimage.convolve(counted[..., c] * filters[..., c], kernel) / ndimage.convolve(filters[..., c] * 1.0, kernel)
        for c in range(3)
    ]
    return image(np.clip(np.stack(made, -1) / photons, 0, 1) ** (1 / 2.2) * 255)


def newspaper(picture: Image.Image, period: float, angle: float, fine: int = 5) -> Image.Image:
    """Square dots of black ink, scanned."""
    gray = picture.convert("L").resize((picture.width * fine, picture.height * fine), Image.Resampling.BILINEAR)
    y, x = np.mgrid[: gray.height, : gray.width] / (period * fine)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    dots = (np.abs(u % 1 - 0.5) + np.abs(v % 1 - 0.5)) * 0.9 + 0.05
    ink = ndimage.uniform_filter((np.asarray(gray) / 255 > dots).astype(float), fine)
    scanned = ink.reshape(picture.height, fine, picture.width, fine).mean((1, 3)) * 200 + 35
    return image(np.repeat(scanned[..., None], 3, 2))


def drawings() -> Iterator[tuple[str, Image.Image, list[str], str | None]]:
    """Name, picture, words of the command, and what is meant."""
    for seed in range(4):
        shapes, _ = skimage.draw.random_shapes((360, 480), 24, 8, 20, 140, intensity_range=((30, 230),) * 3, rng=seed)
        smooth = ndimage.zoom(shapes, (0.5, 0.5, 1), order=1) if seed % 2 else shapes
        yield f"shapes {seed}", Image.fromarray(shapes).filter(ImageFilter.SMOOTH), [], "content"
        yield f"shapes {seed}, asked for", Image.fromarray(smooth), ["-p", "illustration"], None
        sprite, _ = skimage.draw.random_shapes((40, 56), 14, 6, 4, 12, intensity_range=((0, 255),) * 3, rng=seed + 9)
        large = sprite.repeat(3 + seed, 0).repeat(3 + seed, 1)
        yield f"sprite {seed}", Image.fromarray(large), [], "content"


def held(folder: Path) -> Iterator[Case]:
    for seed, (name, photo) in enumerate(photos(folder)):

        def case(what: str, made: Image.Image, code: str | None = None, words: list[str] | None = None) -> Case:
            return Case("held", name, what, encoded(made), ".png", code, words or [])

        yield case("good", photo)
        data = imagecodecs.jpeg8_encode(np.asarray(photo), level=93, subsampling="422")
        yield Case("held", name, "good, JPEG 93", data, ".jpg")
        match seed % 3:
            case 0:
                yield case("good, illustration asked for", photo, "content", ["-p", "illustration"])
            case 1:
                yield case("square dots", newspaper(photo, 3.6 + seed % 4 * 0.9, 0.5 + seed * 0.2), "screened")
            case 2:
                # Two passes, small and large, as for "clarity".
                twice = photo.filter(ImageFilter.UnsharpMask(4, 120, 0)).filter(ImageFilter.UnsharpMask(1.2, 220, 0))
                yield case("clarity and sharpness", twice, "sharpened")
        quality = (15, 30, 42, 52)[seed % 4]
        data = imagecodecs.jpeg8_encode(np.asarray(photo), level=quality, subsampling="420", optimize=True)
        yield Case("held", name, f"JPEG {quality}", data, ".jpg", "compressed")
        made = camera_noise(photo, (90, 45, 160)[seed % 3], seed)
        yield Case("chosen", name, "noise of a camera", encoded(made), ".png", "noisy")
        if seed % 2:
            yield case("aperture of six blades", convolved(photo, aperture((3.2, 4.2, 5.5)[seed % 3])), "blurred")
        else:
            yield case("shaken hand", convolved(photo, shake((10, 13, 16)[seed % 3], seed)), "blurred")
        what, kernel, reach, corners = KERNELS[seed % 4]
        factor = (1.4, 1.8, 2.2, 2.6, 3.0, 2.0)[seed % 6]
        size = (round(photo.width * factor * 0.7), round(photo.height * factor * 0.7))
        small = resampled(photo, (round(photo.width * 0.7), round(photo.height * 0.7)), lanczos2, 2)
        yield case(f"{what} x{factor}", resampled(small, size, kernel, reach, corners), "enlarged")
    for name, made, words, code in drawings():
        yield Case("held", name, name, encoded(made), ".png", code, words)
    yield from dark(folder)


def dark(folder: Path) -> Iterator[Case]:
    """Photos as two cameras take them in little light: one leaves the noise of colour, the other removes it."""
    for seed, (file, part) in enumerate((file, part) for file in DARK for part in (0, 1)):
        picture = Image.open(folder / file).convert("RGB")
        name = f"{(folder / file).parents[2].name if '2560x1600' in file else Path(file).stem}, part {part + 1}"
        # The whole, and a part.
        if part:
            left, top, side = picture.width * 3 // 8, picture.height // 2, max(picture.width // 4, 500)
            picture = picture.crop((left, top, left + side, min(top + side * 2 // 3, picture.height)))
        width = min(560, round(picture.width * 0.64))
        picture = resampled(picture, (width, round(picture.height * width / picture.width)), mitchell, 2)
        yield Case("held", name, "good", encoded(picture))
        photons = (100, 50, 30)[seed % 3]
        made = camera.taken(picture, photons, seed, camera.directed)
        yield Case("held", name, f"camera, {photons} photons", encoded(made), ".png", "noisy")
        made = camera.taken(picture, photons, seed, camera.directed, lambda colour: ndimage.median_filter(colour, 7))
        data = imagecodecs.jpeg8_encode(np.asarray(made), level=91, subsampling="420")
        yield Case("held", name, f"camera, {photons} photons, colour calmed", data, ".jpg", "noisy")
