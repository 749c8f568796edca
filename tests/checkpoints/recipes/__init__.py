"""One module for each architecture; each lists its recipes in RECIPES."""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch


#: All engines, for networks that the fast one runs too.
ALL = ("winograd", "ort", "rten")


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A golden checkpoint."""

    name: str
    #: The name that Enlarger gives the architecture.
    architecture: str
    scale: int
    network: Callable[[], Any]
    #: plain, half, two copies, module, legacy, safetensors or half safetensors.
    container: str
    #: Channels, height and width of the input.
    size: tuple[int, int, int] = (3, 24, 32)
    #: The engines that must run the network.
    engines: tuple[str, ...] = ("ort", "rten")
    #: Changes the tensors before they are saved.
    state: Callable[[Any], Any] = dict
    #: Runs the network.
    run: Callable[[Any, Any], Any] = lambda network, picture: network(picture)


def lively(network):
    """Gives fully connected layers and tables of biases values of usual size. They start so small that attention would not show."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.dim() == 2 and parameter.numel():
                deviation = 1.0 if "table" in name else parameter.shape[1] ** -0.5
                parameter.copy_(torch.randn_like(parameter) * deviation)
            elif name.endswith("pos_embed"):
                parameter.normal_()
    return network


def without_buffers(state):
    """The tensors without those that follow from shapes, which some programs leave out."""
    return {name: tensor for name, tensor in state.items() if not ("_index" in name or name.endswith("attn_mask"))}
