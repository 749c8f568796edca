"""SCUNet, with fewer features than its class can make, so that its files are small."""

from spandrel.architectures.SCUNet import SCUNet
from torch import nn

from . import Recipe


def network(dim, head, config, channels=3):
    def make():
        network = SCUNet(in_nc=channels, config=[1] * 7, dim=64)
        kind = type(network.m_body[0])

        def blocks(count, features):
            half = features // 2
            return [kind(half, half, head, 8, 0, "SW" if at % 2 else "W", 256) for at in range(count)]

        network.m_head = nn.Sequential(nn.Conv2d(channels, dim, 3, 1, 1, bias=False))
        for level in range(3):
            wide, wider = dim << level, dim << level + 1
            down = [*blocks(config[level], wide), nn.Conv2d(wide, wider, 2, 2, 0, bias=False)]
            up = [nn.ConvTranspose2d(wider, wide, 2, 2, 0, bias=False), *blocks(config[6 - level], wide)]
            setattr(network, f"m_down{level + 1}", nn.Sequential(*down))
            setattr(network, f"m_up{level + 1}", nn.Sequential(*up))
        network.m_body = nn.Sequential(*blocks(config[3], dim * 8))
        network.m_tail = nn.Sequential(nn.Conv2d(dim, channels, 3, 1, 1, bias=False))
        return network

    return make


RECIPES = [
    Recipe("scunet", "SCUNet", 1, network(8, 4, [1, 1, 1, 2, 1, 1, 1]), "half", (3, 44, 64)),
    Recipe("scunet-gray", "SCUNet", 1, network(8, 2, [1, 2, 1, 1, 1, 1, 3], 1), "legacy", (1, 37, 53)),
]
