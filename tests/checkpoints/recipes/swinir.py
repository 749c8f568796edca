"""SwinIR with all its ends."""

from spandrel.architectures.SwinIR import SwinIR
from spandrel.architectures.SwinIR.__arch.SwinIR import Upsample
from torch import nn

from . import Recipe, lively, without_buffers


def network(steps=None, features=8, **settings):
    """A SwinIR whose convolutions after the blocks have few features, so that its file is small."""

    def make():
        net = SwinIR(**settings)
        width = settings["embed_dim"]
        if hasattr(net, "conv_before_upsample"):
            net.conv_before_upsample[0] = nn.Conv2d(width, features, 3, 1, 1)
            net.conv_last = nn.Conv2d(features, settings.get("in_chans", 3), 3, 1, 1)
        if settings["upsampler"] == "pixelshuffle":
            net.upsample = Upsample(settings["upscale"], features)
        for name in ("conv_up1", "conv_up2", "conv_up3", "conv_hr"):
            if hasattr(net, name):
                setattr(net, name, nn.Conv2d(features, features, 3, 1, 1))
        return lively(net)

    return make


def recipe(name, scale, container, network, size, state=dict):
    return Recipe(name, "SwinIR", scale, network, container, size, state=state)


RECIPES = [
    recipe(
        "swinir-x3-gray",
        3,
        "half safetensors",
        network(
            in_chans=1, embed_dim=12, depths=[2, 1], num_heads=[2, 3], window_size=8, mlp_ratio=2.0, upscale=3,
            img_size=16, upsampler="pixelshuffle",
        ),
        (1, 37, 53),
    ),
    recipe(
        "swinir-x1-jpeg",
        1,
        "two copies",
        network(
            embed_dim=16, depths=[2, 2], num_heads=[4, 2], window_size=7, mlp_ratio=1.5, upscale=1, img_size=14,
            img_range=255.0, upsampler="", resi_connection="3conv",
        ),
        (3, 24, 40),
    ),
    recipe(
        "swinir-x4-nearest",
        4,
        "legacy",
        network(
            embed_dim=20, depths=[3], num_heads=[5], window_size=4, mlp_ratio=2.0, upscale=4, img_size=8,
            upsampler="nearest+conv", qkv_bias=False,
        ),
        (3, 18, 21),
    ),
    recipe(
        "swinir-x2-fixed",
        2,
        "half",
        network(
            embed_dim=16, depths=[2], num_heads=[2], window_size=8, mlp_ratio=2.0, upscale=2, img_size=24, ape=True,
            patch_norm=False, upsampler="pixelshuffledirect",
        ),
        (3, 24, 24),
        without_buffers,
    ),
]
