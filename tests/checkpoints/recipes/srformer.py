"""SRFormer."""

from spandrel_extra_arches.architectures.SRFormer import SRFormer

from . import Recipe, lively, without_buffers


def recipe(name, scale, container, size, state=dict, **settings):
    def network():
        return lively(SRFormer(upscale=scale, in_chans=size[0], **settings))

    return Recipe(name, "SRFormer", scale, network, container, size, state=state)


RECIPES = [
    # Half a window is an odd number, so that shifting cuts squares of keys.
    recipe(
        "srformer-x2", 2, "module", (3, 20, 25), embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=6,
        img_size=12, mlp_ratio=2.0, upsampler="pixelshuffledirect",
    ),
    recipe(
        "srformer-x3-gray", 3, "half safetensors", (1, 32, 24), embed_dim=12, depths=[3], num_heads=[3],
        window_size=8, img_size=16, mlp_ratio=1.5, upsampler="pixelshuffledirect", resi_connection="3conv",
        state=without_buffers,
    ),
]
