"""FDAT."""

from spandrel.architectures.FDAT import FDAT

from . import Recipe

RECIPES = [
    Recipe(
        "fdat-x4",
        "FDAT",
        4,
        lambda: FDAT(embed_dim=16, num_groups=2, depth_per_group=1, num_heads=2, scale=4),
        "half safetensors",
    ),
    Recipe(
        "fdat-x3-odd-size",
        "FDAT",
        3,
        lambda: FDAT(
            embed_dim=24,
            num_groups=1,
            depth_per_group=2,
            num_heads=3,
            window_size=4,
            mid_dim=8,
            scale=3,
            upsampler_type="pa_up",
        ),
        "two copies",
        (3, 19, 26),
    ),
    Recipe(
        "fdat-x2-local-attention",
        "FDAT",
        2,
        lambda: FDAT(
            embed_dim=16, num_groups=1, depth_per_group=1, num_heads=2, mid_dim=24, scale=2, upsampler_type="lda"
        ),
        "legacy",
        (3, 18, 25),
    ),
]
