"""DRUNet at its default noise level."""

from spandrel.architectures.DRUNet import DRUNet

from . import ALL, Recipe
from .dncnn import at_default_level


def network(**settings):
    return lambda: DRUNet(**settings)


RECIPES = [
    Recipe(
        "drunet-colour", "DRUNet", 1, network(in_nc=4, out_nc=3, nc=[4, 8, 12, 16], nb=2), "half", engines=ALL, run=at_default_level
    ),
    Recipe(
        "drunet-gray-means", "DRUNet", 1, network(in_nc=2, out_nc=1, nc=[6, 8, 10, 12], nb=1, downsample_mode="avgpool"), "module",
        (1, 40, 24), run=at_default_level,
    ),
    Recipe(
        "drunet-no-level", "DRUNet", 1, network(in_nc=3, out_nc=3, nc=[4, 6, 8, 12], nb=3, upsample_mode="pixelshuffle"),
        "half safetensors", engines=ALL,
    ),
]
