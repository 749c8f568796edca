"""MoESR."""

from spandrel.architectures.MoESR import MoESR

from . import Recipe


def network(**settings):
    return lambda: MoESR(n_blocks=2, n_block=1, **settings)


RECIPES = [
    Recipe("moesr-x2", "MoESR", 2, network(dim=8, scale=2), "half", (3, 19, 26)),
    Recipe("moesr-x4-nearest", "MoESR", 4, network(dim=8, scale=4, upsampler="nearest+conv", expansion_factor=1.5), "legacy", (3, 16, 20)),
]
