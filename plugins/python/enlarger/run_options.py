"""The options of a run, as keyword arguments of Upscaler.plan(), run(), stream() and those of an Examiner.

One table: the names, their types and the library's keys. It must never hold an option of the Upscaler itself.
"""

from collections.abc import Mapping
from typing import Any, Optional, TypedDict, Union

from ._typing import Buffer
from .damage import Damage
from .pixels import Image


class RunOptions(TypedDict, total=False):
    """All are optional, and None means the default.

    factor: how many times wider and higher the result is; the preset's or the model's own factor by default.
    target_width, target_height: the size of the whole result in pixels, instead of a factor. If only one is given, the
        other follows.
    colour_lock: False lets the model change colours.
    icc_profile: the bytes of the ICC profile of the pixels, source and result.
    colour_space: "srgb" or "linear_srgb", for pixels without a profile.
    denoise: how much noise and JPEG damage to remove, 0 to 100; -1 lets the preset decide.
    strength: how much of the network's work is in the result, 0 to 100; the rest is a faithful enlargement.
    mask: where to use the network's result: gray pixels of the source's size that multiply the strength, also for a run with a
        `rect`. Anything with the buffer protocol that holds "gray u8" pixels, or an Image of any format: of colours the
        luminance counts, alpha does not.
    mask_white: what white in the mask stands for: "apply" (only there) or "protect".
    edge_care: how much of the overshoot beside edges to take away, 0 to 100; -1 lets the strength and the mask decide.
    fading: how much of a faded photograph's contrast and colours to bring back, 0 to 100; -1 lets the preset decide.
    scratches: how readily thin marks count as scratches and dust and are filled, 0 to 100; -1 lets the preset decide.
    scratch_mask: the places to fill, instead of those that would be found: as `mask`, white where there is damage.
    damage: what find_damage() has found. run() looks for it itself; stream() cannot.
    creativity: how much fine detail to invent on purpose, 0 to 100; -1 lets the preset decide.
    content: what the picture is: "photo", "drawing", "generated", or "auto", which analyses it.
    grain: how much fine grain to add, 0 to 100.
    seed: the number of the pattern of grain and texture.
    faces: what becomes of faces: "auto" (what the preset does), "off" (as the rest), "keep" (enlarged faithfully) or "restore" (painted
        anew by an imported model, which invents detail). run() looks for them; stream() cannot, and needs face_points.
    face_strength: as strength, for the networks for faces.
    face_denoise: how much noise and JPEG damage to remove from faces, 0 to 100; -1 stands for a measurement.
    face_grain: how much grain to add to faces on top of `grain`, 0 to 100.
    face_fidelity: the share of the picture's own face in a restored one, 0 to 100.
    face_points: where the faces are: 17 numbers for each, as 32-bit floats of this machine (left, top, width, height, six
        points, score).
    noise_level: as denoise, for a model that was chosen by its id, in the model's own unit.
    tile: the side of a tile in pixels.
    wrap: True treats the picture as a tile that repeats in both directions.
    reduce_first: the percentage of its size to which a picture that was enlarged before is reduced first, 1 to 100; the factor
        still refers to the size that it has now.
    memory: the bytes that the run may use.
    options: further options by key, such as those of a newer library.
    """

    factor: Optional[float]
    target_width: Optional[int]
    target_height: Optional[int]
    colour_lock: Optional[bool]
    icc_profile: Optional[Buffer]
    colour_space: Optional[str]
    denoise: Optional[int]
    strength: Optional[int]
    mask: Union[Buffer, Image, None]
    mask_white: Optional[str]
    edge_care: Optional[int]
    fading: Optional[int]
    scratches: Optional[int]
    scratch_mask: Union[Buffer, Image, None]
    damage: Optional[Damage]
    creativity: Optional[int]
    content: Optional[str]
    grain: Optional[float]
    seed: Optional[int]
    faces: Optional[str]
    face_strength: Optional[int]
    face_denoise: Optional[int]
    face_grain: Optional[float]
    face_fidelity: Optional[int]
    face_points: Optional[Buffer]
    noise_level: Optional[float]
    tile: Optional[int]
    wrap: Optional[bool]
    reduce_first: Optional[float]
    memory: Optional[int]
    options: Optional[Mapping[str, Any]]


# The arguments whose keys in the library are other words. All others, but for `options`, are keys themselves.
_KEYS = {"target_width": "width", "target_height": "height"}


def keys() -> list[str]:
    """The library's keys of all arguments. `damage` has none: no text can be a value of it."""
    return [_KEYS.get(name, name) for name in RunOptions.__annotations__ if name not in ("damage", "options")]


def by_key(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a run as values by the library's keys."""
    values = dict(arguments.get("options") or {})
    for name, value in arguments.items():
        if name not in RunOptions.__annotations__:
            raise TypeError(
                f"there is no argument '{name}'; the arguments are: {', '.join(RunOptions.__annotations__)}"
            )
        if name != "options" and value is not None:
            values[_KEYS.get(name, name)] = value
    return values
