"""DRCT. The network itself does not pad, so it is run on multiples of 16 and cropped, as programs do."""

import torch
from spandrel.architectures.DRCT import DRCT
from spandrel.architectures.SwinIR.__arch.SwinIR import Upsample
from torch import nn

from . import Recipe, lively, without_buffers


def run(network, picture):
    height, width = picture.shape[2:]
    padded = torch.nn.functional.pad(picture, (0, -width % 16, 0, -height % 16), mode="reflect")
    return network(padded)[:, :, : height * network.upscale, : width * network.upscale]


def recipe(name, scale, container, size, state=dict, features=8, **settings):
    def network():
        net = DRCT(upscale=scale, in_chans=size[0], upsampler="pixelshuffle", img_size=32, **settings)
        net.conv_before_upsample[0] = nn.Conv2d(settings["embed_dim"], features, 3, 1, 1)
        net.upsample = Upsample(scale, features)
        net.conv_last = nn.Conv2d(features, size[0], 3, 1, 1)
        return lively(net)

    return Recipe(name, "DRCT", scale, network, container, size, state=state, run=run)


RECIPES = [
    recipe(
        "drct-x4", 4, "half", (3, 23, 30), embed_dim=16, depths=[6, 6], num_heads=[2, 4], window_size=8, gc=6,
        mlp_ratio=2.0, state=without_buffers,
    ),
    recipe(
        "drct-x1-gray", 1, "safetensors", (1, 32, 48), embed_dim=12, depths=[6], num_heads=[3], window_size=4, gc=4,
        mlp_ratio=1.0, qkv_bias=False, patch_norm=False,
    ),
]
