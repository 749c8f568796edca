"""RCAN, with and without mean colours and a pixel unshuffle."""

from spandrel.architectures.RCAN import RCAN

from . import ALL, Recipe


def network(**settings):
    return lambda: RCAN(n_resgroups=2, n_resblocks=2, reduction=4, **settings)


RECIPES = [
    Recipe("rcan-x3", "RCAN", 3, network(scale=3, n_feats=12), "half", (3, 15, 22), ALL),
    Recipe("rcan-x4", "RCAN", 4, network(scale=4, n_feats=12, norm=False), "two copies", (3, 16, 20), ALL),
    Recipe("rcan-x2-unshuffle", "RCAN", 2, network(scale=2, n_feats=16, norm=False, unshuffle_mod=True), "module", engines=ALL),
]
