"""Where the network is used: the choices that a dialog offers, and what each takes as the mask of a picture.

The hosts read the masks; nothing here may know what a selection or a layer is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Optional

from .errors import invalid
from .host import Picture
from .translation import _

# What a choice takes as the mask.
SELECTION, LAYER_MASK = "selection", "layer-mask"


@dataclass(frozen=True)
class MaskChoice:
    """One of the choices.

    Attributes:
        id: for settings and scripts.
        label, help: for people.
        origin: SELECTION or LAYER_MASK; empty for no mask.
        white: the value of the option "mask_white".
    """

    id: str
    label: str
    help: str
    origin: str = ""
    white: str = "apply"

    @property
    def problem(self) -> str:
        """Why it cannot be used where there is nothing to take as the mask."""
        if self.origin == SELECTION:
            return "there is no selection; select a part of the picture, or use the network everywhere"
        return "no chosen layer has a mask; add one to a layer, or use the network everywhere"

    def notes(self, unmasked: Iterable[str]) -> list[str]:
        """Sentences about layers that have no mask, by their names."""
        names = list(unmasked) if self.origin == LAYER_MASK else []
        return [_("'{layer}' has no mask, so the network is used in all of it.").format(layer=name) for name in names]

    def apply(self, picture: Picture, masks: Mapping[object, bytes]) -> Picture:
        """The picture with its mask, by its key; the same picture if it has none."""
        mask = masks.get(picture.key)
        if mask is None:
            return picture
        return replace(picture, mask=mask, settings={**picture.settings, "mask_white": self.white})


LABEL = _("Use the network")
HELP = _(
    "Where the network is used. Elsewhere the picture is enlarged without a network. Soft borders become soft "
    "transitions."
)
EVERYWHERE = MaskChoice("everywhere", _("Everywhere"), _("The network is used in the whole picture."))
CHOICES = (
    EVERYWHERE,
    MaskChoice("selection", _("Only in the selection"), _("The rest is enlarged without a network."), SELECTION),
    MaskChoice(
        "protect-selection",
        _("Not in the selection"),
        _("The selected part is protected: it is enlarged without a network."),
        SELECTION,
        "protect",
    ),
    MaskChoice(
        "layer-mask",
        _("Only where the layer's mask is white"),
        _("Layers without a mask are enlarged by the network everywhere."),
        LAYER_MASK,
    ),
    MaskChoice(
        "protect-layer-mask",
        _("Not where the layer's mask is white"),
        _("White parts of the mask are protected. Layers without a mask are enlarged by the network everywhere."),
        LAYER_MASK,
        "protect",
    ),
)


def mask_choice(id: str) -> MaskChoice:
    """The choice with this id. Raises InvalidArgument for an unknown one."""
    found: Optional[MaskChoice] = next((choice for choice in CHOICES if choice.id == id), None)
    if found is None:
        known = ", ".join(choice.id for choice in CHOICES)
        raise invalid(f"'{id}' does not say where to use the network; use one of: {known}")
    return found


def require_rest(choice: MaskChoice) -> None:
    """Raises InvalidArgument if nothing is left to enlarge where only the selection is enlarged."""
    if choice.origin == SELECTION and choice.white == "protect":
        raise invalid(
            "this target only takes what is selected, so nothing is left if the selection is protected; invert the selection, "
            "or use the network everywhere"
        )


def fallback_note(choice: MaskChoice) -> str:
    """What to tell the user if the choice of the last time cannot be used for this picture."""
    if choice.origin == SELECTION:
        return _("Nothing is selected now, so the network is used everywhere.")
    return _("No chosen layer has a mask, so the network is used everywhere.")
