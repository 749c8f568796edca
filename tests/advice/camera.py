"""What a camera makes of a scene: photons through red, green and blue filters, one of them at each pixel, and the missing
colours from the neighbours."""

from collections.abc import Callable

import numpy as np
from damage import image, pixels
from PIL import Image
from scipy import ndimage

GAMMA = 2.2
# The share of the light that passes the red, the green and the blue filter. White balance makes up for it.
FILTERS = np.array([0.55, 1, 0.65])
# Of the electronics, in photons.
READING = 1.5


def places(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Where the red and the blue filters are. All others are green."""
    y, x = np.mgrid[: shape[0], : shape[1]] % 2
    return (y == 0) & (x == 0), (y == 1) & (x == 1)


def exposed(picture: Image.Image, photons: float, seed: int) -> np.ndarray:
    """The sensor's values, balanced, where white is 1. White is so many photons."""
    random = np.random.default_rng(seed)
    light = (pixels(picture) / 255) ** GAMMA * FILTERS * photons
    counted = (random.poisson(light) + random.normal(0, READING, light.shape)) / FILTERS / photons
    red, blue = places(light.shape[:2])
    return np.where(red, counted[..., 0], np.where(blue, counted[..., 2], counted[..., 1]))


def convolved(values: np.ndarray, kernel: list[list[float]]) -> np.ndarray:
    return ndimage.convolve(values, np.array(kernel) / np.sum(kernel), mode="mirror")


def linear(raw: np.ndarray) -> np.ndarray:
    """Malvar, He and Cutler 2004: linear filters of 5×5 pixels."""
    red, blue = places(raw.shape)
    green = convolved(raw, [[0, 0, -1, 0, 0], [0, 0, 2, 0, 0], [-1, 2, 4, 2, -1], [0, 0, 2, 0, 0], [0, 0, -1, 0, 0]])
    along = [[0, 0, 0.5, 0, 0], [0, -1, 0, -1, 0], [-1, 4, 5, 4, -1], [0, -1, 0, -1, 0], [0, 0, 0.5, 0, 0]]
    beside, above = convolved(raw, along), convolved(raw, np.transpose(along).tolist())
    across = [[0, 0, -1.5, 0, 0], [0, 2, 0, 2, 0], [-1.5, 0, 6, 0, -1.5], [0, 2, 0, 2, 0], [0, 0, -1.5, 0, 0]]
    diagonal = convolved(raw, across)
    in_red_row = (np.arange(raw.shape[0]) % 2 == 0)[:, None]

    def other(own: np.ndarray, opposite: np.ndarray, own_row: np.ndarray) -> np.ndarray:
        return np.where(own, raw, np.where(opposite, diagonal, np.where(own_row, beside, above)))

    return np.stack([other(red, blue, in_red_row), np.where(red | blue, green, raw), other(blue, red, ~in_red_row)], -1)


def directed(raw: np.ndarray) -> np.ndarray:
    """Hamilton and Adams 1997: green along the direction that changes less, red and blue by their difference from it."""
    red, blue = places(raw.shape)

    def along(axis: int) -> tuple[np.ndarray, np.ndarray]:
        by = lambda step: np.roll(raw, step, axis)  # noqa: E731
        second = 2 * raw - by(2) - by(-2)
        return (by(1) + by(-1)) / 2 + second / 4, np.abs(by(1) - by(-1)) + np.abs(second)

    (down, changes_down), (across, changes_across) = along(0), along(1)
    nearest = np.where(changes_down < changes_across, down, across)
    nearest = np.where(changes_down == changes_across, (down + across) / 2, nearest)
    green = np.where(red | blue, nearest, raw)
    kernel = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])

    def other(own: np.ndarray) -> np.ndarray:
        difference = ndimage.convolve((raw - green) * own, kernel, mode="mirror")
        return np.where(own, raw, green + difference / ndimage.convolve(own * 1.0, kernel, mode="mirror"))

    return np.stack([other(red), green, other(blue)], -1)


def taken(
    picture: Image.Image,
    photons: float,
    seed: int,
    demosaicing: Callable[[np.ndarray], np.ndarray],
    calm: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Image.Image:
    """A photo of the picture. `calm` takes away the noise of a difference of colour, as cameras do; they sharpen luminance then."""
    values = np.clip(demosaicing(exposed(picture, photons, seed)), 0, 1) ** (1 / GAMMA) * 255
    if calm:
        luminance = values @ [0.299, 0.587, 0.114]
        colour = np.stack([calm(values[..., c] - luminance) for c in range(3)], -1)
        smooth = ndimage.gaussian_filter(luminance, 0.6)
        values = (smooth + 0.5 * (smooth - ndimage.gaussian_filter(smooth, 1)))[..., None] + colour
    return image(values)
