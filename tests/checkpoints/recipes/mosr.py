"""MoSR in its three ways to enlarge."""

from spandrel.architectures.MoSR import MoSR

from . import Recipe


def network(**settings):
    return lambda: MoSR(n_block=2, **settings)


RECIPES = [
    Recipe("mosr-x2", "MoSR", 2, network(dim=12, upscale=2), "half", (3, 18, 27)),
    Recipe("mosr-x3-mean", "MoSR", 3, network(dim=8, upscale=3, upsampler="gps", expansion_ratio=2.0), "half safetensors", (3, 15, 22)),
    Recipe("mosr-x4-sampled", "MoSR", 4, network(dim=8, upscale=4, upsampler="dys", kernel_size=5), "legacy", (3, 13, 18)),
]
