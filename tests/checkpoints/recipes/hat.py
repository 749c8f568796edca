"""HAT."""

from spandrel.architectures.HAT import HAT

from . import Recipe, lively, without_buffers


def recipe(name, scale, container, size, state=dict, **settings):
    def network():
        return lively(HAT(upscale=scale, mlp_ratio=2.0, num_feat=8, in_chans=size[0], **settings))

    return Recipe(name, "HAT", scale, network, container, size, state=state)


RECIPES = [
    recipe(
        "hat-x4", 4, "half safetensors", (3, 21, 26), embed_dim=16, depths=[2, 1], num_heads=[2, 4], window_size=8,
        img_size=16, compress_ratio=3, squeeze_factor=4,
    ),
    recipe(
        "hat-x2-gray", 2, "legacy", (1, 24, 36), embed_dim=12, depths=[2], num_heads=[3], window_size=12, img_size=24,
        compress_ratio=4, squeeze_factor=6, overlap_ratio=0.35, qkv_bias=False, resi_connection="identity",
        state=without_buffers,
    ),
]
