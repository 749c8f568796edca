"""RGT."""

from spandrel.architectures.RGT import RGT
from torch import nn

from . import Recipe


def shortened(state):
    """Shortens the masks, which are large and follow from the shapes."""
    return {name: tensor[:1].clone() if "attn_mask" in name else tensor for name, tensor in state.items()}


def network(upscale, **settings):
    """A network for small pictures, so that its buffers are small, with 8 features at the end instead of 64."""

    def make():
        network = RGT(img_size=16, upscale=upscale, **settings)
        network.conv_before_upsample[0] = nn.Conv2d(settings["embed_dim"], 8, 3, 1, 1)
        network.upsample = type(network.upsample)(upscale, 8)
        network.conv_last = nn.Conv2d(8, 3, 3, 1, 1)
        for name, parameter in network.named_parameters():
            # What a block keeps: the initial 0.0001 proves nothing.
            if name.endswith(".gamma"):
                parameter.data.uniform_(0.2, 0.8)
        return network

    return make


RECIPES = [
    Recipe(
        "rgt-x2",
        "RGT",
        2,
        network(2, embed_dim=16, depth=[3, 2], num_heads=[2, 2], mlp_ratio=2.0, split_size=[4, 8]),
        "half",
        state=shortened,
    ),
    Recipe(
        "rgt-x4-odd-size",
        "RGT",
        4,
        network(4, embed_dim=16, depth=[2, 1], num_heads=[4, 2], mlp_ratio=1.0, split_size=[4, 4], c_ratio=0.25),
        "half safetensors",
        (3, 18, 37),
        state=shortened,
    ),
]
