"""One module for each architecture; each lists its recipes in RECIPES."""

import dataclasses
from collections.abc import Callable
from typing import Any


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
