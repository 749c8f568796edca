"""A line of advice in a dialog: a sentence, and a button that does what it advises.

The sentences are the library's, in English. A line must never stay when its advice has been followed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .advice import Advice
from .option import Option
from .translation import _
from .upscaler_cache import NETWORK_KEYS, SIZE_KEYS

# How many lines a dialog has room for.
MOST = 3

# Options whose values are amounts. Advice names the largest value that helps.
AT_MOST = ("factor", "reduce_first", "strength")

# Options that advice sets for one picture. The next picture begins without them.
OF_ONE_PICTURE = ("reduce_first",)

SHOW_LABEL = _("Show advice")
SHOW_HELP = _("Looks at the picture and says what would spoil the result, such as noise, and what to do about it.")


@dataclass(frozen=True)
class AdviceLine:
    """One line.

    Attributes:
        text: what is wrong, in one sentence.
        help: the same with what to do about it, for a tooltip.
        button: the label of a button that does it; empty if nothing here can.
        changes: what the button does: settings by the key of their Option; None removes one.
    """

    text: str
    help: str
    button: str
    changes: dict[str, Any]


def advice_lines(advice: Sequence[Advice], options: Mapping[str, Option], settings: Mapping[str, Any]) -> list[AdviceLine]:
    """The lines for the advice on a picture, the weightiest first, and at most MOST.

    Arguments:
        options: the result of UpscalerCache.options() for these settings.
        settings: values by the key of their Option, as the dialog has them now. Advice that they follow is left out.
    """
    lines = [_line(one, options) for one in advice if not _is_followed(one, settings)]
    if len(lines) <= MOST:
        return lines
    rest = lines[MOST - 1 :]
    text = _("{count} more pieces of advice").format(count=len(rest))
    return [*lines[: MOST - 1], AdviceLine(text, "\n\n".join(line.help for line in rest), "", {})]


def _is_followed(advice: Advice, settings: Mapping[str, Any]) -> bool:
    if advice.option is None:
        return False
    key, value = advice.option
    given = settings.get(key)
    if given is None or given == "":
        return False
    if key not in AT_MOST:
        return str(given) == value
    try:
        return float(given) <= float(value)
    except ValueError:
        return False  # The library refuses it, and the dialog says so.


def _line(advice: Advice, options: Mapping[str, Option]) -> AdviceLine:
    text, help = advice.sentence, f"{advice.sentence}\n\n{advice.action}"
    key, value = advice.option or ("", "")
    option = options.get(key)
    if option is None:
        return AdviceLine(text, help, "", {})
    if option.type == "choice":
        label = next((label for known, label in option.choices if known == value), value)
        button = _("Use {choice}").format(choice=_(label))
    elif key == "factor":
        button = _("Enlarge {factor} ×").format(factor=value)
    else:
        button = _("{option}: {value}").format(option=_(option.label), value=value)
    return AdviceLine(text, help, button, _changes(option, value))


def _changes(option: Option, value: str) -> dict[str, Any]:
    """The settings that set an option: only one of the presets, models and methods counts, and only one size."""
    parsed: Any = {"integer": int, "float": float}.get(option.type, str)(value)
    excluded = next((keys for keys in (NETWORK_KEYS, SIZE_KEYS) if option.key in keys), ())
    return {**dict.fromkeys(excluded), option.key: parsed}
