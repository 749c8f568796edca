"""DITN."""

from spandrel.architectures.DITN import DITN

from . import Recipe

RECIPES = [
    Recipe("ditn-x2", "DITN", 2, lambda: DITN(dim=16, ITL_blocks=1, SAL_blocks=2, UFONE_blocks=2, upscale=2), "legacy"),
    Recipe(
        "ditn-x4-odd-size",
        "DITN",
        4,
        lambda: DITN(
            dim=20, ITL_blocks=2, SAL_blocks=1, UFONE_blocks=1, upscale=4, bias=True, ffn_expansion_factor=1.5
        ),
        "half safetensors",
        (3, 19, 26),
    ),
]
