"""A model of the catalogue, which can be installed.

It must never say more than the library: what is not known before the installation is None.
"""

from dataclasses import dataclass
from typing import Any, Optional


@dataclass(frozen=True)
class AvailableModel:
    """A model of the catalogue.

    Attributes:
        id: what Registry.install() takes, and then the value of the option "model".
        name: for people.
        version, architecture, author, source, training_data, attribution: where it comes from.
        scale: its native factor; None if that is found out by installing it.
        mode: "faithful" or "creative".
        content: what it is for, as words separated by commas.
        known_limits: what it does badly.
        licence: of the weights: an SPDX identifier, or "unknown".
        licence_certain: whether that licence was read. Otherwise the user must agree before it is installed.
        commercial: whether the licence allows commercial use.
        size: bytes to fetch. Models may share what is fetched.
        installed: whether it is installed, perhaps in another version. Another model may have its id.
        tried: whether the makers of the catalogue have run the model.
    """

    id: str
    name: str
    version: str
    architecture: str
    author: str
    source: str
    training_data: str
    attribution: str
    scale: Optional[int]
    mode: str
    content: str
    known_limits: str
    licence: str
    licence_certain: bool
    commercial: bool
    size: int
    installed: bool
    tried: bool = True


def available_model(*texts: str) -> AvailableModel:
    """The model of the library's texts, in the order of the attributes."""
    values: dict[str, Any] = dict(zip(AvailableModel.__dataclass_fields__, texts))
    for name in ("licence_certain", "commercial", "installed", "tried"):
        values[name] = values[name] == "yes"
    values["scale"] = int(values["scale"]) if values["scale"] else None
    values["size"] = int(values["size"])
    return AvailableModel(**values)
