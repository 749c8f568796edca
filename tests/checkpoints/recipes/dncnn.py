"""DnCNN with and without batch normalisation, and FDnCNN at its default noise level."""

import torch
from spandrel.architectures.DnCNN import DnCNN

from . import ALL, Recipe


def at_default_level(network, picture):
    return network(torch.cat([picture, torch.full_like(picture[:, :1], 15 / 255)], 1))


def network(**settings):
    return lambda: DnCNN(**settings)


RECIPES = [
    Recipe("dncnn-colour", "DnCNN", 1, network(in_nc=3, out_nc=3, nb=6, nc=12, act_mode="R"), "half", (3, 19, 27), ALL),
    Recipe("dncnn-gray-normalised", "DnCNN", 1, network(in_nc=1, out_nc=1, nb=5, nc=16, act_mode="BR"), "legacy", (1, 24, 31), ALL),
    Recipe(
        "fdncnn-colour", "DnCNN", 1, network(in_nc=4, out_nc=3, nb=5, nc=12, act_mode="R", mode="FDnCNN"), "two copies",
        (3, 23, 32), ALL, run=at_default_level,
    ),
]
