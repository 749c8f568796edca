"""RGT."""

from spandrel.architectures.RGT import RGT
from torch import nn

from . import Recipe


def changed(state):
    """Weighs what a block keeps by about 0.5, because the initial 0.0001 proves nothing, and shortens the large masks."""
    changed = {}
    for name, tensor in state.items():
        if name.endswith(".gamma"):
            tensor = tensor + 0.5
        elif "attn_mask" in name:
            tensor = tensor[:1].clone()
        changed[name] = tensor
    return changed


def run(network, picture):
    for name, parameter in network.named_parameters():
        if name.endswith(".gamma"):
            parameter.data.add_(0.5)
    return network(picture)


def network(upscale, **settings):
    """A network for small pictures, so that its buffers are small, with 8 features at the end instead of 64."""

    def make():
        network = RGT(img_size=16, upscale=upscale, **settings)
        network.conv_before_upsample[0] = nn.Conv2d(settings["embed_dim"], 8, 3, 1, 1)
        network.upsample = type(network.upsample)(upscale, 8)
        network.conv_last = nn.Conv2d(8, 3, 3, 1, 1)
        return network

    return make


RECIPES = [
    Recipe(
        "rgt-x2",
        "RGT",
        2,
        network(2, embed_dim=16, depth=[3, 2], num_heads=[2, 2], mlp_ratio=2.0, split_size=[4, 8]),
        "half",
        state=changed,
        run=run,
    ),
    Recipe(
        "rgt-x4-odd-size",
        "RGT",
        4,
        network(4, embed_dim=16, depth=[2, 1], num_heads=[4, 2], mlp_ratio=1.0, split_size=[4, 4], c_ratio=0.25),
        "half safetensors",
        (3, 18, 37),
        state=changed,
        run=run,
    ),
]
