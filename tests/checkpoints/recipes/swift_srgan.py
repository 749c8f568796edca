"""Swift-SRGAN."""

from spandrel.architectures.SwiftSRGAN import SwiftSRGAN

from . import Recipe


def network(**settings):
    return lambda: SwiftSRGAN(**settings)


RECIPES = [
    Recipe("swift-srgan-x2", "Swift-SRGAN", 2, network(num_channels=16, num_blocks=2, upscale_factor=2), "two copies", (3, 19, 26)),
    Recipe("swift-srgan-x4", "Swift-SRGAN", 4, network(num_channels=12, num_blocks=3, upscale_factor=4), "legacy", (3, 16, 21)),
]
