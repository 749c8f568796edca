"""GFPGAN, for pictures that are smaller than real ones: 512 pixels would need 350 MB."""

from spandrel.architectures.GFPGAN import GFPGAN

from . import Recipe


def network(**settings):
    def make():
        network = GFPGAN(**settings)
        for buffer in network.stylegan_decoder.noises.buffers():
            buffer.copy_(buffer.half().float())
        return network

    return make


def run(network, picture):
    return network(picture * 2 - 1, randomize_noise=False)[0] * 0.5 + 0.5


RECIPES = [
    Recipe(
        "gfpgan-32",
        "GFPGAN",
        1,
        network(out_size=32, num_style_feat=16, channel_multiplier=1, narrow=1 / 32),
        "half",
        (3, 32, 32),
        run=run,
    ),
    Recipe(
        "gfpgan-64-one-style",
        "GFPGAN",
        1,
        network(out_size=64, num_style_feat=24, narrow=1 / 32, different_w=False, sft_half=False),
        "module",
        (3, 64, 64),
        run=run,
    ),
]
