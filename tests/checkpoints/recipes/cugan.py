"""CUGAN, as narrow as an eighth of the published networks."""

from spandrel.architectures.RealCUGAN import UpCunet2x, UpCunet2x_fast, UpCunet3x, UpCunet4x
from torch import nn

from . import ALL, Recipe


def width(channels):
    """Pictures, also unshuffled ones, keep their channels."""
    return channels if channels in (3, 12) else max(2, channels // 8)


def narrowed(module):
    for name, child in module.named_children():
        if isinstance(child, (nn.Conv2d, nn.ConvTranspose2d)):
            sizes = (width(child.in_channels), width(child.out_channels))
            setattr(module, name, type(child)(*sizes, child.kernel_size, child.stride, child.padding))
        else:
            narrowed(child)
    return module


RECIPES = [
    Recipe("cugan-x2", "CUGAN", 2, lambda: narrowed(UpCunet2x()), "half", (3, 33, 40), ALL),
    Recipe("cugan-x3-pro", "CUGAN", 3, lambda: narrowed(UpCunet3x(pro=True)), "legacy", (3, 34, 37), ALL),
    Recipe("cugan-x4", "CUGAN", 4, lambda: narrowed(UpCunet4x()), "half safetensors", (3, 32, 33), ALL),
    Recipe("cugan-x2-fast", "CUGAN", 2, lambda: narrowed(UpCunet2x_fast()), "two copies", (3, 44, 48), ALL),
]
