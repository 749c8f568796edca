"""SAFMN."""

from spandrel.architectures.SAFMN import SAFMN

from . import Recipe

RECIPES = [
    Recipe("safmn-x2", "SAFMN", 2, lambda: SAFMN(dim=16, n_blocks=2, upscaling_factor=2), "half", (3, 24, 32)),
    Recipe("safmn-x3", "SAFMN", 3, lambda: SAFMN(dim=12, n_blocks=3, upscaling_factor=3), "module", (3, 16, 24)),
]
