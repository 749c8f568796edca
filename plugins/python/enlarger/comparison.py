"""What a preview compares: presets and models as choices, each with its picture.

Nothing here computes pixels; Preview.compare() does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .option import Option
from .patch import Patch
from .translation import _

PICK_LABEL = _("Compare models")
PICK_HELP = _("Chooses models to compare with the presets.")


@dataclass(frozen=True)
class Choice:
    """One of the things to compare.

    Attributes:
        label, help: for people.
        settings: the settings that choose it, to be put over those of the request; None removes one.
    """

    label: str
    help: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One picture of a comparison: a choice, and its patch or why there is none."""

    choice: Choice
    patch: Optional[Patch]
    problem: Optional[BaseException] = None


def models_to_compare(options: Mapping[str, Option]) -> list[tuple[str, str]]:
    """The models that can be compared with the presets, each with its label.

    Arguments:
        options: the result of UpscalerCache.options().
    """
    return [(value, label) for value, label in options["model"].choices if value]


def presets_to_compare(options: Mapping[str, Option], models: Sequence[str] = ()) -> list[Choice]:
    """All presets, and the models with these ids, as choices to compare.

    Arguments:
        options: the result of UpscalerCache.options().
    """
    choices = []
    for key, wanted in (("preset", None), ("model", models)):
        option = options[key]
        for value, label in option.choices:
            if wanted is None or value in wanted:
                settings = {"preset": None, "model": None, "method": None, key: value}
                choices.append(Choice(label, option.help_of(value), settings))
    return choices
