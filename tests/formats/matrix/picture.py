"""A picture of the matrix: smooth colours, so that formats with losses stay close, and an alpha that varies."""

from dataclasses import dataclass, field

import numpy as np

WIDTH, HEIGHT = 40, 24


@dataclass
class Picture:
    """What a source file shows, and what a reader finds in a result."""

    # Height × width × channels, straight alpha, 0 to 1 in the file's own colour space; linear light may exceed 1.
    values: np.ndarray
    # 8 or 16 for integers; "f16" or "f32".
    depth: object
    icc: bytes | None = None
    linear: bool = False
    # Whether the format changes values a little.
    lossy: bool = False

    @property
    def channels(self):
        return self.values.shape[2]

    @property
    def has_alpha(self):
        return self.channels in (2, 4)

    @property
    def colour(self):
        return self.values[..., : self.channels - self.has_alpha]

    @property
    def alpha(self):
        return self.values[..., -1:] if self.has_alpha else np.ones(self.values.shape[:2] + (1,))


@dataclass
class Source:
    """A file that is enlarged."""

    path: object
    picture: Picture
    # Whether the format itself changes values a little.
    lossy: bool = False
    # The texts that were written into the file, by the words that name their kind.
    facts: dict = field(default_factory=dict)
    dpi: tuple | None = None


def make(channels, depth):
    """The picture with 1 to 4 channels, rounded to the depth."""
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    red = 0.15 + 0.7 * x
    green = 0.2 + 0.6 * y
    blue = 0.8 - 0.5 * x * y
    alpha = np.clip(0.1 + 1.1 * x, 0, 1)
    planes = {1: [red], 2: [red, alpha], 3: [red, green, blue], 4: [red, green, blue, alpha]}[channels]
    return Picture(rounded(np.stack(planes, -1), depth), depth)


def rounded(values, depth):
    if isinstance(depth, int):
        white = 2**depth - 1
        return np.round(values * white) / white
    return values.astype({"f16": np.float16, "f32": np.float32}[depth]).astype(float)


def integers(picture):
    """The values as 8 or 16-bit integers."""
    white = 2**picture.depth - 1
    return np.round(picture.values * white).astype(np.uint8 if picture.depth == 8 else np.uint16)
