"""ATD. It sorts pixels by the token that each is likest to; PyTorch may put equal ones into any order, so it is told to keep theirs."""

import torch
from spandrel.architectures.ATD import ATD

from . import Recipe, lively, without_buffers


def run(network, picture):
    sort = torch.sort
    torch.sort = lambda values, dim=-1, stable=True: sort(values, dim=dim, stable=True)
    try:
        return network(picture)
    finally:
        torch.sort = sort


def recipe(name, scale, container, size, state=dict, **settings):
    def network():
        return lively(ATD(upscale=scale, in_chans=size[0], upsampler="pixelshuffledirect", img_size=16, **settings))

    return Recipe(name, "ATD", scale, network, container, size, state=state, run=run)


RECIPES = [
    recipe(
        "atd-x2", 2, "half", (3, 29, 42), embed_dim=16, depths=[2, 1], num_heads=[2, 4], window_size=8, num_tokens=12,
        reducted_dim=4, state=without_buffers,
    ),
    recipe(
        "atd-x3-light", 3, "legacy", (3, 9, 12), embed_dim=48, depths=[2], num_heads=[6], window_size=4, num_tokens=8,
        reducted_dim=6, category_size=128, mlp_ratio=1.0, convffn_kernel_size=3, norm=False,
    ),
]
