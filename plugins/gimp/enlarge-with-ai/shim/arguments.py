"""From the procedure's arguments to the settings and the target of a job.

The library's options must not be known here by name, except those that are arguments of the procedure.
"""

from enlarger.errors import invalid
from enlarger.face_choice import choice_of
from enlarger.geometry import resized
from enlarger.mask_choice import EVERYWHERE, mask_choice
from enlarger.translation import _
from enlarger.upscaler_cache import NETWORK_KEYS, SIZE_KEYS

from .targets import InPlace, NewImage, WholeImage, selected_rect


def settings_of(config):
    """The job's settings, by the library's keys."""
    settings = parse_options(config.get_property("options"))
    for key in ("preset", "model", "method", "factor", "width", "height"):
        if config.get_property(key):
            settings[key] = config.get_property(key)
    return settings


def parse_options(options):
    """The argument `options` as a dict of texts. GIMP gives None if it was not given."""
    values = {}
    for part in (options or "").replace("\n", ";").split(";"):
        key, equals, value = part.partition("=")
        if equals:
            values[key.strip()] = value.strip()
        elif part.strip():
            text = _("'{part}' in the options does not have the form key=value; correct it")
            raise invalid(text.format(part=part.strip()))
    return values


def format_options(values):
    """The argument `options` for a dict of texts."""
    return "; ".join(f"{key}={value}" for key, value in values.items())


def take_size(settings, upscalers):
    """Removes the size from the settings; returns a function from a size to the enlarged size."""
    wanted = {key: settings.pop(key, None) for key in SIZE_KEYS}
    # The upscaler would know it as well, but it may be busy, and opening one takes time.
    chosen = {key: settings[key] for key in NETWORK_KEYS if settings.get(key)}
    options = upscalers.registry.options(**chosen)
    default_factor = next(option.default for option in options if option.key == "factor")
    return lambda width, height: resized(width, height, wanted, default_factor)


def mask_choice_of(config):
    """Where the network is used: a MaskChoice."""
    return mask_choice(config.get_property("mask") or EVERYWHERE.id)


def face_choice_of(config):
    """The faces that are left out, a FaceChoice that names layers by their numbers."""
    return choice_of(config.get_property("faces-left-out") or "")


def number_of(layer, layers):
    """The number of a layer among those that AI enlarges, from the top, by which the argument `faces-left-out` names it."""
    return 1 + layers.index(layer)


def target_of(config, image, layers, enlarged_size):
    """The target that the arguments name, with its masks and the faces that are left out.

    Arguments:
        layers: the layers that AI enlarges.
        enlarged_size: a function from a size to the enlarged size.
    """
    target = _target_of(config, image, layers, enlarged_size)
    target.use_mask(mask_choice_of(config))
    faces = face_choice_of(config)
    target.faces_left_out = {layer: faces.places(number_of(layer, layers)) for layer in layers}
    return target


def _target_of(config, image, layers, enlarged_size):
    name = config.get_property("target")
    if not layers:
        raise invalid(_("none of the selected layers has pixels that AI can enlarge; select one that has"))
    if name == "image":
        return WholeImage(image, layers, enlarged_size(image.get_width(), image.get_height()))
    if name == "in-place":
        if all(selected_rect(layer) is None for layer in layers):
            raise invalid(_("the selection does not touch the selected layers; select a part of them, or nothing"))
        return InPlace(image, layers)
    if name == "selection":
        if len(layers) > 1:
            raise invalid(_("the target 'selection' needs exactly one layer; select one layer"))
        rect = selected_rect(layers[0])
        if rect is None:
            raise invalid(_("the selection does not touch the selected layer; select a part of it, or nothing"))
        return NewImage(image, layers, enlarged_size(rect.width, rect.height), rect)
    new = NewImage(image, layers, None)
    new.size = enlarged_size(*new.box()[2:])
    return new
