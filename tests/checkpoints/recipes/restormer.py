"""Restormer. It needs sides that are multiples of 8; programs that run it extend the picture."""

import torch.nn.functional as F
from spandrel_extra_arches.architectures.Restormer import Restormer

from . import Recipe


def run(network, picture):
    height, width = picture.shape[2:]
    extended = F.pad(picture, (0, -width % 8, 0, -height % 8), mode="reflect")
    return network(extended)[:, :, :height, :width]


RECIPES = [
    Recipe(
        "restormer",
        "Restormer",
        1,
        lambda: Restormer(dim=4, num_blocks=[1, 1, 1, 2], num_refinement_blocks=1, heads=[1, 2, 2, 4]),
        "half",
        run=run,
    ),
    Recipe(
        "restormer-odd-size",
        "Restormer",
        1,
        lambda: Restormer(
            dim=4,
            num_blocks=[2, 1, 1, 1],
            num_refinement_blocks=2,
            heads=[2, 2, 4, 4],
            ffn_expansion_factor=2.0,
            bias=True,
            LayerNorm_type="BiasFree",
        ),
        "half safetensors",
        (3, 21, 30),
        run=run,
    ),
]
