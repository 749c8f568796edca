"""Swin2SR with its ends."""

from spandrel.architectures.Swin2SR import Swin2SR
from spandrel.architectures.SwinIR.__arch.SwinIR import Upsample
from torch import nn

from . import Recipe, lively, without_buffers

OTHERS = ("ort", "rten")


def recipe(name, scale, container, size, state=dict, engines=OTHERS, features=8, hidden=32, **settings):
    def network():
        net = Swin2SR(upscale=scale, in_chans=size[0], **settings)
        # The layers that make biases are as wide as in large networks, and would make up most of the file.
        for module in net.modules():
            if hasattr(module, "cpb_mlp"):
                module.cpb_mlp[0] = nn.Linear(2, hidden)
                module.cpb_mlp[2] = nn.Linear(hidden, module.num_heads, bias=False)
                # As a file of half-precision floats has them.
                module.relative_coords_table.copy_(module.relative_coords_table.half().float())
        if hasattr(net, "conv_aux"):
            net.conv_before_upsample[0] = nn.Conv2d(settings["embed_dim"], features, 3, 1, 1)
            net.conv_aux = nn.Conv2d(features, size[0], 3, 1, 1)
            net.conv_after_aux[0] = nn.Conv2d(size[0], features, 3, 1, 1)
            net.conv_bicubic = nn.Conv2d(size[0], features, 3, 1, 1)
            net.upsample = Upsample(scale, features)
            net.conv_last = nn.Conv2d(features, size[0], 3, 1, 1)
        return lively(net)

    return Recipe(name, "Swin2SR", scale, network, container, size, engines, state)


RECIPES = [
    recipe(
        "swin2sr-x2", 2, "half", (3, 26, 33), without_buffers, embed_dim=16,
        depths=[2, 1], num_heads=[2, 4], window_size=8, img_size=16, mlp_ratio=2.0, upsampler="pixelshuffledirect",
    ),
    recipe(
        "swin2sr-x1-jpeg", 1, "legacy", (1, 16, 30), embed_dim=12, depths=[2], num_heads=[3], window_size=7,
        img_size=14, img_range=255.0, mlp_ratio=2.0, upsampler="", resi_connection="3conv", qkv_bias=False,
    ),
    recipe(
        "swin2sr-x4-auxiliary", 4, "half safetensors", (3, 18, 22), engines=("ort",), embed_dim=12, depths=[2],
        num_heads=[2], window_size=4, img_size=8, mlp_ratio=2.0, upsampler="pixelshuffle_aux",
    ),
]
