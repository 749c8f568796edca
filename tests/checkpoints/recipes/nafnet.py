"""NAFNet."""

from spandrel.architectures.NAFNet import NAFNet

from . import Recipe


def network(width, middle, encoders, decoders, channels=3):
    return lambda: NAFNet(
        img_channel=channels, width=width, middle_blk_num=middle, enc_blk_nums=encoders, dec_blk_nums=decoders
    )


RECIPES = [
    Recipe("nafnet-four-levels", "NAFNet", 1, network(6, 1, [1, 1, 1], [1, 2, 1]), "module"),
    Recipe("nafnet-odd-size", "NAFNet", 1, network(10, 1, [1, 1], [1, 1]), "two copies", (3, 21, 30)),
]
