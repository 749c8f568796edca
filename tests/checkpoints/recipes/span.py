"""SPAN. Its fused convolutions are saved stale, as training programs save them."""

from spandrel.architectures.SPAN import SPAN

from . import ALL, Recipe


def stale(state):
    return {name: tensor * 0 + 0.5 if "eval_conv" in name else tensor for name, tensor in state.items()}


def run(network, picture):
    """Runs the network after fusing its convolutions from what they are in the file."""
    for module in network.modules():
        if hasattr(module, "update_params"):
            module.update_params()
    return network(picture)


def network(**settings):
    return lambda: SPAN(num_in_ch=3, num_out_ch=3, **settings)


RECIPES = [
    Recipe("span-x2", "SPAN", 2, network(feature_channels=8, upscale=2), "two copies", engines=ALL, state=stale, run=run),
    Recipe("span-x4", "SPAN", 4, network(feature_channels=12, upscale=4), "legacy", (3, 13, 18), ALL, stale, run),
    Recipe("span-x1-no-norm", "SPAN", 1, network(feature_channels=8, upscale=1, norm=False), "module", engines=ALL, state=stale, run=run),
]
