"""From the procedure's arguments to what the job wants.

The options of the library are not known here by name, but for those that say how large the result is.
"""

from enlarger.errors import invalid
from enlarger.geometry import resized

from .targets import InPlace, NewImage, WholeImage, selected


def of(config):
    """The job's settings, by the library's keys."""
    wanted = parsed(config.get_property("options"))
    for key in ("preset", "model", "factor", "width", "height"):
        if config.get_property(key):
            wanted[key] = config.get_property(key)
    return wanted


def parsed(options):
    """The argument `options` as a dict of texts; None, as GIMP has it for one that is not given, is none."""
    values = {}
    for part in (options or "").replace("\n", ";").split(";"):
        key, equals, value = part.partition("=")
        if equals:
            values[key.strip()] = value.strip()
        elif part.strip():
            raise invalid(f"'{part.strip()}' in the options is not of the form key=value; write it so")
    return values


def sizes(wanted, upscalers):
    """How sizes follow: a function from a size to the one that is wanted. Takes what says so out of the settings."""
    said = {key: wanted.pop(key, None) for key in ("factor", "width", "height")}
    usual = upscalers.open(wanted).factor
    return lambda width, height: resized(width, height, said, usual)


def target(config, image, layers, size):
    """The target that the arguments name."""
    name = config.get_property("target")
    if not layers:
        raise invalid("there is no layer with pixels among those that are chosen; choose one")
    if name == "image":
        return WholeImage(image, layers, size(image.get_width(), image.get_height()))
    if name == "in-place":
        if all(selected(layer) is None for layer in layers):
            raise invalid("the selection lies outside the chosen layers; select a part of them, or nothing")
        return InPlace(image, layers)
    if name == "selection":
        if len(layers) > 1:
            raise invalid("a selection of several layers is not one image; choose one layer")
        rect = selected(layers[0])
        if rect is None:
            raise invalid("the selection lies outside the chosen layer; select a part of it, or nothing")
        return NewImage(image, layers, size(rect.width, rect.height), rect)
    new = NewImage(image, layers, None)
    new.size = size(*new.box()[2:])
    return new
