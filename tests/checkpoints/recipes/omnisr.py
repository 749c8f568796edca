"""OmniSR."""

from spandrel.architectures.OmniSR import OmniSR

from . import Recipe


def network(**settings):
    return lambda: OmniSR(pe=True, **settings)


RECIPES = [
    Recipe("omnisr-x4", "OmniSR", 4, network(num_feat=16, res_num=2, block_num=1, window_size=8, up_scale=4), "half"),
    Recipe(
        "omnisr-x1-window-4",
        "OmniSR",
        1,
        network(num_feat=24, res_num=1, block_num=2, window_size=4, up_scale=1, bias=False),
        "half safetensors",
        (3, 19, 26),
    ),
]
