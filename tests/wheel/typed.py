"""A program that uses the package, for mypy: what it gives, and what it refuses. An unused `type: ignore` is an error."""

from typing import assert_type

import enlarger
import numpy
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin


def pictures(image: Image.Image, file: PngImagePlugin.PngImageFile, own: enlarger.Image) -> None:
    assert_type(enlarger.enlarge(image, preset="natural", factor=2), Image.Image)
    assert_type(enlarger.enlarge(file, mask=own, denoise=20), Image.Image)
    assert_type(enlarger.enlarge(own), enlarger.Image)
    enlarger.enlarge("photo.jpg")  # type: ignore[call-overload]
    enlarger.enlarge(image, quality=9)  # type: ignore[call-overload]
    enlarger.enlarge(image, factor="2")  # type: ignore[call-overload]


def arrays(small: NDArray[numpy.uint8], floats: NDArray[numpy.float32]) -> None:
    assert_type(enlarger.enlarge(small), NDArray[numpy.uint8])
    assert_type(enlarger.enlarge(floats, cancel=enlarger.Cancel()), NDArray[numpy.float32])


def pixels(upscaler: enlarger.Upscaler) -> None:
    assert_type(upscaler.run(bytes(12), 2, 2, "rgb u8", factor=2).width, int)
    assert_type([model.id for model in enlarger.Registry().models], list[str])
    upscaler.run(bytes(12), "2", 2, "rgb u8")  # type: ignore[arg-type]
