"""DAT."""

from spandrel.architectures.DAT import DAT

from . import Recipe

RECIPES = [
    Recipe(
        "dat-x2",
        "DAT",
        2,
        lambda: DAT(
            img_size=16,
            embed_dim=32,
            split_size=[4, 8],
            depth=[3, 1],
            num_heads=[2, 4],
            expansion_factor=2.0,
            upsampler="pixelshuffledirect",
        ),
        "half",
    ),
    Recipe(
        "dat-x3-odd-size",
        "DAT",
        3,
        lambda: DAT(
            img_size=16,
            embed_dim=32,
            split_size=[4, 4],
            depth=[1, 2],
            num_heads=[4, 2],
            expansion_factor=1.0,
            upscale=3,
            upsampler="pixelshuffledirect",
            resi_connection="3conv",
            qkv_bias=False,
        ),
        "half safetensors",
        (3, 19, 27),
    ),
]
