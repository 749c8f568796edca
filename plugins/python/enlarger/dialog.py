"""What the dialogs of all hosts share: their sections of options, their sizes, and the summary of a result.

Shims make widgets from it. It must never know a toolkit, and never run a network.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from .job import duration
from .option import Option
from .planned import Planned
from .translation import _
from .upscaler_cache import NETWORK_KEYS

# The lines of the size chooser: label, key of the setting, and its value; None: the user types it.
SIZES: list[tuple[str, str, Optional[float]]] = [
    ("2 ×", "factor", 2.0),
    ("3 ×", "factor", 3.0),
    ("4 ×", "factor", 4.0),
    ("6 ×", "factor", 6.0),
    (_("1 ×, restore only"), "factor", 1.0),
    (_("Another factor"), "factor", None),
    (_("Width in pixels"), "width", None),
    (_("Height in pixels"), "height", None),
]

_MISSING = {
    "preset": _("The preset '{name}' is not installed any more; the default is used instead."),
    "model": _("The model '{name}' is not installed any more; the default is used instead."),
    "method": _("The method '{name}' does not exist any more; the default is used instead."),
}


@dataclass(frozen=True)
class Sections:
    """The options that a dialog shows beside the size, by section, each in the library's order.

    Attributes:
        network: the preset, the model and the method. They are always shown, but disabled while they do not apply.
        main: further options that are always visible.
        more: options that are hidden until the user asks for more.
        advanced: options of engines and memory, on a page of their own.
    """

    network: list[Option]
    main: list[Option]
    more: list[Option]
    advanced: list[Option]

    @property
    def keys(self) -> set[str]:
        """The keys of all options that are shown."""
        return {option.key for option in (*self.network, *self.main, *self.more, *self.advanced)}


def sections(options: Mapping[str, Option]) -> Sections:
    """The sections of a dialog, by the options' groups. Options that do not apply are left out, and so are those whose
    group has no section: "size", which is the size chooser, and "host".
    """
    shown = [option for option in options.values() if option.key not in NETWORK_KEYS and option.applies]
    return Sections(
        [options[key] for key in NETWORK_KEYS],
        [option for option in shown if option.group == "main"],
        [option for option in shown if option.group == "more"],
        [option for option in shown if option.group == "advanced"],
    )


def missing_note(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """A sentence about each saved choice that does not exist any more; empty if all exist.

    Arguments: the settings before and after UpscalerCache.options(), which removes such choices.
    """
    missing = [key for key in NETWORK_KEYS if before.get(key) and not now.get(key)]
    return " ".join(_MISSING[key].format(name=before[key]) for key in missing)


def as_sentence(problem: BaseException) -> str:
    """The message of an exception, with a capital letter and a full stop."""
    text = str(problem)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def suggested_factor(before: float, now: float) -> Optional[float]:
    """The factor that a dialog selects when the user chooses another preset or model; None to keep the user's.

    Arguments: the default factors of the former and of the new preset or model.

    A preset that keeps the size gets factor 1; after it, one that enlarges gets factor 2.
    """
    if before == now or 1 not in (before, now):
        return None
    return 1.0 if now == 1 else 2.0


def summary(
    planned: Planned,
    options: Mapping[str, Option],
    settings: Mapping[str, Any],
    size: tuple[int, int],
    host_memory: int,
) -> list[str]:
    """Sentences for the dialog: what the preset is for, the size of the result, its memory and time, and notes.

    Arguments:
        planned: what the job would do.
        options: the result of UpscalerCache.options() for these settings.
        settings: values by the key of their Option.
        size: of the whole result, in pixels.
        host_memory: bytes that the host needs in addition.
    """
    preset = options["preset"]
    purpose = preset.help_of(settings.get("preset", preset.default)) if preset.applies else ""
    (width, height), memory = size, max(plan.memory for plan in planned.plans) + host_memory
    figures = {"width": width, "height": height, "memory": f"{memory / 2**20:.0f}"}
    if planned.engine:
        result = _(
            "The result has {width} × {height} pixels and takes about {memory} MiB of memory, on {device} with {engine}."
        ).format(**figures, device=planned.device_name, engine=f"{planned.engine} {planned.engine_version}")
    else:
        result = _(
            "The result has {width} × {height} pixels and takes about {memory} MiB of memory, and no network runs."
        ).format(**figures)
    if planned.seconds is not None:
        result += " " + _("It takes {time}.").format(time=duration(planned.seconds))
    return [sentence for sentence in (purpose, result, *planned.notes) if sentence]
