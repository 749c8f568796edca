"""What the dialogs of all hosts share: what they offer, and what they say of a result before it is made.

A shim makes widgets of it; no toolkit is known here. Nothing here runs a network.
"""

from .job import duration
from .upscalers import NETWORK

# What a size can be given as: label, unit, value where there is nothing more to say.
SIZES = [
    ("2 ×", "factor", 2.0),
    ("3 ×", "factor", 3.0),
    ("4 ×", "factor", 4.0),
    ("6 ×", "factor", 6.0),
    ("1 ×, better pixels only", "factor", 1.0),
    ("Another factor", "factor", None),
    ("Width in pixels", "width", None),
    ("Height in pixels", "height", None),
]

# Options that have a place of their own in a dialog, or none; all others are offered by what they say of themselves.
PLACED = {*NETWORK, "noise_level", "factor", "width", "height", "icc_profile", "colour_space"}


def offered_factor(before, now):
    """The factor that a dialog turns to when another preset or model is chosen, by the factor that each has of its own.

    What is for pictures of the same size is offered at that size, and what enlarges at none of one. None: the factor
    stays.
    """
    if before == now or 1 not in (before, now):
        return None
    return 1.0 if now == 1 else 2.0


def outlook(upscalers, options, settings, plans, size, held):
    """What the preset is for, and what the result will be like and takes: sentences.

    Arguments:
        upscalers: the Upscalers that have made the plans. A job with them does not say the same notes again.
        options: as Upscalers.options() gives them for these settings.
        settings: values by the key of their Option.
        plans: a Plan for each picture.
        size: of the whole result, in pixels.
        held: bytes that the host needs on top.
    """
    preset, opened = options["preset"], upscalers.open(settings)
    about = preset.help_of(settings.get("preset", preset.default)) if preset.applies else ""
    (width, height), memory = size, max(plan.memory for plan in plans) + held
    said = (
        f"The result has {width} × {height} pixels and takes about {memory / 2**20:.0f} MiB of memory, on "
        f"{opened.device_name} with {opened.engine} {opened.engine_version}."
    )
    seconds = upscalers.seconds(plans, settings)
    if seconds is not None:
        said += f" It takes {duration(seconds)}."
    notes = opened.notes
    upscalers.told.update(notes)
    return [sentence for sentence in (about, said, *notes) if sentence]
