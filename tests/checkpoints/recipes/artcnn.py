"""ArtCNN. No library has it, so this network is written from the description: a second opinion, not the authors' code."""

from torch import nn

from . import ALL, Recipe


class Block(nn.Module):
    def __init__(self, features, kernel):
        super().__init__()

        def layer():
            return nn.Conv2d(features, features, kernel, padding=kernel // 2)

        self.conv = nn.Sequential(nn.Sequential(layer(), nn.ReLU()), nn.Sequential(layer(), nn.ReLU()), layer())

    def forward(self, x):
        return x + self.conv(x)


class Enlargement(nn.Module):
    def __init__(self, features, channels, kernel, scale):
        super().__init__()
        squares = nn.Conv2d(features, channels * scale**2, kernel, padding=kernel // 2)
        self.upscale = nn.Sequential(squares, nn.PixelShuffle(scale))

    def forward(self, x):
        return self.upscale(x)


class ArtCNN(nn.Module):
    def __init__(self, channels, scale, features, blocks, kernel=3):
        super().__init__()
        self.conv0 = nn.Conv2d(channels, features, kernel, padding=kernel // 2)
        last = nn.Conv2d(features, features, kernel, padding=kernel // 2)
        self.res_block = nn.Sequential(*[Block(features, kernel) for _ in range(blocks)], last)
        self.depth_to_space = Enlargement(features, channels, kernel, scale)

    def forward(self, x):
        first = self.conv0(x)
        return self.depth_to_space(first + self.res_block(first))


RECIPES = [
    Recipe("artcnn-x2", "ArtCNN", 2, lambda: ArtCNN(3, 2, 16, 3), "half safetensors", (3, 21, 30), ALL),
    Recipe("artcnn-gray-x4", "ArtCNN", 4, lambda: ArtCNN(1, 4, 12, 2, 5), "half", (1, 19, 26)),
]
