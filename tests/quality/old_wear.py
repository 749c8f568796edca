"""Wears pictures as decades do, with the truth known: faded dyes, stains, scratches, hairs, dust, grain.

It shows what the preset *old-photo* repairs. Dyes fade in density, stains and stray light lie over them, and each colour fades by a share of its own. The
same seed gives the same damage.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw


class Worn(NamedTuple):
    """A worn picture, all as float arrays from 0 to 1: the picture, and where scratches and dust are (1) or not (0)."""

    pixels: np.ndarray
    damage: np.ndarray


def to_linear(encoded: np.ndarray) -> np.ndarray:
    """sRGB to linear light (IEC 61966-2-1)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def to_encoded(linear: np.ndarray) -> np.ndarray:
    """Linear light to sRGB."""
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def fade(pixels: np.ndarray, seed: int) -> np.ndarray:
    """Fades the three dyes, each by its own share of its density, and lays a yellowish stain and a veil of stray light over them.

    Dark fading of prints takes most of cyan or yellow, and stains the whites (Wilhelm and Brower, *The Permanence and Care of Color
    Photographs*, 1993, chapter 5). The densest black is taken to have a density of 2.
    """
    random = np.random.default_rng(seed)
    density = np.minimum(-np.log10(np.maximum(to_linear(pixels), 1e-4)), 2.0)
    left = random.uniform(0.45, 0.75) + random.uniform(-0.12, 0.12, 3)
    stain = np.array([0.0, 0.02, 0.10]) * random.uniform(0.5, 1.6) + random.uniform(0.02, 0.07)
    veil = random.uniform(0.0, 0.02)
    light = 10 ** -(density * left + stain)
    return to_encoded(light * (1 - veil) + veil)


def scratch(pixels: np.ndarray, seed: int, specks: bool = True) -> Worn:
    """Adds long scratches, hairs and dust, most of them bright."""
    random = np.random.default_rng(seed)
    height, width = pixels.shape[:2]
    side = min(width, height)
    times = 4
    result, damage = pixels.copy(), np.zeros((height, width))

    def lay(mask: Image.Image, colour: np.ndarray, opacity: float) -> None:
        nonlocal result, damage
        cover = np.asarray(mask.resize((width, height), Image.Resampling.BOX), np.float64) / 255 * opacity
        result = result * (1 - cover[..., None]) + colour * cover[..., None]
        damage = np.maximum(damage, cover)

    def blank() -> tuple:
        mask = Image.new("L", (width * times, height * times))
        return mask, ImageDraw.Draw(mask)

    def colour(bright: bool) -> np.ndarray:
        shade = random.uniform(0.85, 1.0) if bright else random.uniform(0.02, 0.12)
        return np.full(3, shade) * np.array([1.0, 0.99, 0.96])

    for index in range(int(random.integers(3, 7))):
        mask, draw = blank()
        thick = random.uniform(1.2, max(2.0, side / 250)) * times
        upright = random.random() < 0.75
        place, tilt, bend = random.uniform(0.05, 0.95), random.normal(0, 0.01), random.normal(0, 0.004)
        start, end = sorted(random.uniform(0, 1, 2)) if index else (0.0, 1.0)
        if end - start < 0.3:
            start, end = max(0.0, start - 0.2), min(1.0, end + 0.2)
        points = []
        for t in np.linspace(start, end, 60):
            aside = place + tilt * t + bend * np.sin(5 * t)
            points.append((aside * width, t * height) if upright else (t * width, aside * height))
        draw.line([(x * times, y * times) for x, y in points], fill=255, width=max(1, round(thick)))
        lay(mask, colour(random.random() < 0.75), random.uniform(0.6, 1.0))
    for _ in range(int(random.integers(1, 4))):
        mask, draw = blank()
        x, y = random.uniform(0.1, 0.9) * width, random.uniform(0.1, 0.9) * height
        angle, turn = random.uniform(0, 2 * np.pi), random.normal(0, 0.06)
        points = []
        for _ in range(60):
            points.append((x * times, y * times))
            x, y = x + np.cos(angle) * side * 0.003, y + np.sin(angle) * side * 0.003
            angle += turn + random.normal(0, 0.05)
        draw.line(points, fill=255, width=max(1, round(random.uniform(1.0, max(1.5, side / 400)) * times)))
        lay(mask, colour(random.random() < 0.5), random.uniform(0.7, 1.0))
    for _ in range(int(random.integers(15, 40)) if specks else 0):
        mask, draw = blank()
        x, y = random.uniform(0, width) * times, random.uniform(0, height) * times
        radius = random.uniform(1.0, max(1.5, side / 300)) * times
        round_ = [(x + radius * random.uniform(0.6, 1.2) * np.cos(a), y + radius * random.uniform(0.6, 1.2) * np.sin(a))
                  for a in np.linspace(0, 2 * np.pi, 9)[:-1]]
        draw.polygon(round_, fill=255)
        lay(mask, colour(random.random() < 0.7), random.uniform(0.7, 1.0))
    return Worn(result, damage)


def grain(pixels: np.ndarray, seed: int, deviation: float = 0.02) -> np.ndarray:
    """Adds gray grain about one and a half pixels wide."""
    random = np.random.default_rng(seed)
    noise = random.normal(0, 1, pixels.shape[:2])
    soft = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))) / 2
    return np.clip(pixels + soft[..., None] * deviation, 0, 1)


def wear(pixels: np.ndarray, seed: int) -> Worn:
    """All of it. The scratches lie above what has faded."""
    worn = scratch(fade(pixels, seed), seed + 1)
    return Worn(grain(worn.pixels, seed + 2), worn.damage)
