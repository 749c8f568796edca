"""EDSR in both namings, SRResNet, and RCAN in BasicSR's naming. No library that the other recipes use has them, so these networks
are written from the descriptions: a second opinion, not the authors' code."""

import torch
from torch import nn

from . import ALL, Recipe

MEAN = torch.tensor([0.4488, 0.4371, 0.4040]).reshape(1, 3, 1, 1)


def layer(channels, features):
    return nn.Conv2d(channels, features, 3, padding=1)


class Block(nn.Module):
    """A residual block; `authors` chooses the naming."""

    def __init__(self, features, factor, authors):
        super().__init__()
        self.factor = factor
        layers = layer(features, features), layer(features, features)
        if authors:
            self.body = nn.Sequential(layers[0], nn.ReLU(), layers[1])
        else:
            self.conv1, self.conv2 = layers

    def forward(self, x):
        change = self.body(x) if hasattr(self, "body") else self.conv2(self.conv1(x).relu())
        return x + change * self.factor


def shuffles(features, steps):
    return nn.Sequential(*[part for s in steps for part in (layer(features, features * s * s), nn.PixelShuffle(s))])


class Edsr(nn.Module):
    def __init__(self, channels, features, blocks, steps, factor=1.0):
        super().__init__()
        self.conv_first = layer(channels, features)
        self.body = nn.Sequential(*[Block(features, factor, False) for _ in range(blocks)])
        self.conv_after_body = layer(features, features)
        self.upsample = shuffles(features, steps)
        self.conv_last = layer(features, channels)

    def forward(self, x):
        mean = MEAN if x.shape[1] == 3 else 0
        first = self.conv_first((x - mean) * 255)
        return self.conv_last(self.upsample(self.conv_after_body(self.body(first)) + first)) / 255 + mean


class AuthorsEdsr(nn.Module):
    def __init__(self, features, blocks, steps):
        super().__init__()
        self.sub_mean, self.add_mean = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
        for sign, shift in ((-255, self.sub_mean), (255, self.add_mean)):
            shift.weight.data = torch.eye(3).reshape(3, 3, 1, 1)
            shift.bias.data = MEAN.flatten() * sign
        self.head = nn.Sequential(layer(3, features))
        self.body = nn.Sequential(*[Block(features, 1.0, True) for _ in range(blocks)], layer(features, features))
        self.tail = nn.Sequential(shuffles(features, steps), layer(features, 3))

    def forward(self, x):
        first = self.head(self.sub_mean(x * 255))
        return self.add_mean(self.tail(self.body(first) + first)) / 255


class SrResNet(nn.Module):
    def __init__(self, channels, features, blocks, steps):
        super().__init__()
        self.steps = steps
        self.conv_first = layer(channels, features)
        self.body = nn.Sequential(*[Block(features, 1.0, False) for _ in range(blocks)])
        for at, factor in enumerate(steps, 1):
            setattr(self, f"upconv{at}", layer(features, features * factor**2))
        self.conv_hr = layer(features, features)
        self.conv_last = layer(features, channels)

    def forward(self, x):
        def leaky(value):
            return nn.functional.leaky_relu(value, 0.1)

        value, scale = self.body(leaky(self.conv_first(x))), 1
        for at, factor in enumerate(self.steps, 1):
            value = leaky(nn.functional.pixel_shuffle(getattr(self, f"upconv{at}")(value), factor))
            scale *= factor
        base = nn.functional.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=False)
        return self.conv_last(leaky(self.conv_hr(value))) + base


class Attention(nn.Module):
    def __init__(self, features, few):
        super().__init__()
        layers = nn.Conv2d(features, few, 1), nn.ReLU(), nn.Conv2d(few, features, 1)
        self.attention = nn.Sequential(nn.AdaptiveAvgPool2d(1), *layers, nn.Sigmoid())

    def forward(self, x):
        return x * self.attention(x)


class AttentiveBlock(nn.Module):
    def __init__(self, features, few):
        super().__init__()
        self.rcab = nn.Sequential(layer(features, features), nn.ReLU(), layer(features, features), Attention(features, few))

    def forward(self, x):
        return self.rcab(x) + x


class Group(nn.Module):
    def __init__(self, features, few, blocks):
        super().__init__()
        self.residual_group = nn.Sequential(*[AttentiveBlock(features, few) for _ in range(blocks)])
        self.conv = layer(features, features)

    def forward(self, x):
        return self.conv(self.residual_group(x)) + x


class Rcan(Edsr):
    def __init__(self, channels, features, few, groups, blocks, steps):
        super().__init__(channels, features, 0, steps)
        self.body = nn.Sequential(*[Group(features, few, blocks) for _ in range(groups)])


RECIPES = [
    Recipe("edsr-x4", "EDSR", 4, lambda: Edsr(3, 12, 3, [2, 2]), "half", (3, 16, 21), ALL),
    Recipe("edsr-x3-authors", "EDSR", 3, lambda: AuthorsEdsr(12, 2, [3]), "legacy", (3, 17, 22), ALL),
    Recipe("srresnet-x4", "SRResNet", 4, lambda: SrResNet(3, 12, 2, [2, 2]), "module", (3, 15, 20)),
    Recipe("rcan-x2-basicsr", "RCAN", 2, lambda: Rcan(3, 12, 3, 2, 2, [2]), "two copies", (3, 18, 23), ALL),
]
