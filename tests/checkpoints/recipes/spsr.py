"""SPSR. The library of the other recipes does not have it, so this network is written from the description: a second opinion."""

import torch
from spandrel.architectures.ESRGAN import ESRGAN
from torch import nn

from . import Recipe


def layer(channels, features, active=False):
    return nn.Sequential(nn.Conv2d(channels, features, 3, padding=1), *[nn.LeakyReLU(0.2)] * active)


def block(features, growth):
    """A residual block of ESRGAN in its oldest spelling, with few channels between its convolutions."""
    made = ESRGAN(num_filters=4, num_blocks=1).model[1].sub[0]
    return type(made)(features, gc=growth)


class Edges(nn.Module):
    def __init__(self):
        super().__init__()
        across = torch.tensor([[0.0, 0, 0], [-1, 0, 1], [0, 0, 0]]).reshape(1, 1, 3, 3)
        self.weight_h = nn.Parameter(across, requires_grad=False)
        self.weight_v = nn.Parameter(across.transpose(2, 3).contiguous(), requires_grad=False)

    def forward(self, x):
        planes = x.transpose(0, 1)
        h, v = (nn.functional.conv2d(planes, weight, padding=1) for weight in (self.weight_h, self.weight_v))
        return (h**2 + v**2 + 1e-6).sqrt().transpose(0, 1)


class SPSR(nn.Module):
    def __init__(self, features, growth, blocks, steps):
        super().__init__()
        trunk = nn.Module()
        trunk.sub = nn.Sequential(*[block(features, growth) for _ in range(blocks)], nn.Conv2d(features, features, 3, padding=1))

        def up():
            return [part for _ in range(steps) for part in (nn.Upsample(scale_factor=2), *layer(features, features, True))]

        self.HR_conv0_new = layer(features, features, True)
        self.HR_conv1_new = layer(features, features)
        self.model = nn.Sequential(nn.Conv2d(3, features, 3, padding=1), trunk, *up(), *self.HR_conv0_new)
        self.get_g_nopadding = Edges()
        self.b_fea_conv = layer(3, features)
        for at in range(1, 5):
            setattr(self, f"b_concat_{at}", layer(2 * features, features))
            setattr(self, f"b_block_{at}", block(2 * features, growth))
        self.b_LR_conv = layer(features, features)
        self.b_module = nn.Sequential(*up(), *layer(features, features, True), *layer(features, features))
        self.conv_w = nn.Sequential(nn.Conv2d(features, 3, 1))
        self.f_concat = layer(2 * features, features)
        self.f_block = block(2 * features, growth)
        self.f_HR_conv0 = layer(features, features, True)
        self.f_HR_conv1 = layer(features, 3)

    def forward(self, x):
        first = self.model[0](x)
        trunk, read = first, []
        for at, part in enumerate(self.model[1].sub, 1):
            trunk = part(trunk)
            if at in (5, 10, 15, 20):
                read.append(trunk)
        trunk = self.HR_conv1_new(self.model[2:](trunk + first))
        start = branch = self.b_fea_conv(self.get_g_nopadding(x))
        for at, value in enumerate(read, 1):
            branch = getattr(self, f"b_concat_{at}")(getattr(self, f"b_block_{at}")(torch.cat([branch, value], 1)))
        branch = self.b_module(self.b_LR_conv(branch) + start)
        both = self.f_concat(self.f_block(torch.cat([branch, trunk], 1)))
        return self.f_HR_conv1(self.f_HR_conv0(both))


RECIPES = [
    Recipe("spsr-x4", "SPSR", 4, lambda: SPSR(4, 2, 20, 2), "half safetensors", (3, 15, 18), ("winograd", "ort", "rten")),
]
