"""FBCNN, which estimates the quality of the JPEG by itself."""

from spandrel.architectures.FBCNN import FBCNN
from torch import nn

from . import ALL, Recipe


def network(wide, nb, nc, **settings):
    """An FBCNN whose fully connected layers are narrower than the published 512."""

    def make():
        network = FBCNN(nb=nb, nc=nc, **settings)
        sizes = [nc[3], wide, wide, 1]
        for at in range(3):
            network.qf_pred[nb + 2 + 2 * at] = nn.Linear(sizes[at], sizes[at + 1])
            network.qf_embed[2 * at] = nn.Linear(1 if at == 0 else wide, wide)
            for part in ("gamma", "beta"):
                getattr(network, f"to_{part}_{at + 1}")[0] = nn.Linear(wide, nc[at])
        return network

    return make


def picture_only(network, picture):
    return network(picture)[0]


RECIPES = [
    Recipe("fbcnn-colour", "FBCNN", 1, network(20, 2, [4, 8, 12, 16]), "half", (3, 29, 35), ALL, run=picture_only),
    Recipe("fbcnn-gray", "FBCNN", 1, network(16, 3, [4, 6, 8, 10], in_nc=1, out_nc=1), "legacy", (1, 32, 24), ALL, run=picture_only),
]
