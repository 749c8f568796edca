"""The upscaler that was used last, kept for the next job.

Dialogs plan again with each change of a setting, and jobs follow each other with the same model: only what counts for
opening makes a new one. It must never give an upscaler that was opened for other settings.
"""

import threading

from . import _speeds
from .errors import InvalidArgument, ModelError
from .formats import Format
from .host import Result
from .option import Options
from .registry import Registry
from .upscaler import Upscaler

# Options that say which networks run. They change what all others say of themselves.
NETWORK = ("preset", "model")


class Upscalers:
    """Opens upscalers from settings, as a dialog has them: values by the key of their Option.

    Any thread may use it. Opening takes a fraction of a second, and happens when something is first asked for.

    Arguments:
        folders: paths of folders with models, as Registry takes them.

    Attributes:
        told: notes that a dialog has shown; a job does not repeat them.
    """

    def __init__(self, folders=()):
        self.told = set()
        self._folders = folders
        self._lock = threading.RLock()
        self._registry = None
        self._upscaler = None
        self._opening = None

    @property
    def registry(self):
        """The models, engines and options there are."""
        with self._lock:
            if self._registry is None:
                self._registry = Registry(self._folders)
            return self._registry

    def options(self, settings):
        """The options there are, each an Option by its key, as they are with the preset or the model of these settings.

        What is remembered there and not here any more is taken out of the settings.
        """
        chosen = {key: settings[key] for key in NETWORK if settings.get(key)}
        try:
            options = self.registry.options(**chosen)
        except (InvalidArgument, ModelError):
            for key in chosen:
                del settings[key]
            options = self.registry.options()
        return {option.key: option for option in options}

    def open(self, settings):
        """The Upscaler for these settings: the last one if nothing that counts has changed."""
        opening = self._part(settings, "upscaler")
        with self._lock:
            if self._upscaler is None or opening != self._opening:
                self._upscaler = Upscaler(registry=self.registry, options=opening)
                self._opening = opening
            return self._upscaler

    def wanted(self, picture, settings):
        """What is wanted of a picture, as Upscaler.plan() and stream() take it."""
        colour = {"icc_profile": picture.icc_profile} if picture.icc_profile else {"colour_space": picture.colour_space}
        options = {**self._part({**settings, **picture.settings}, "run"), **colour}
        return {"rect": picture.rect, "options": options}

    def plan(self, picture, settings):
        """What a job would do with a picture: a Plan and a Result. Nothing runs."""
        wanted = self.wanted(picture, settings)
        plan = self.open(settings).plan(picture.width, picture.height, **wanted)
        format = picture.output_format if picture.output_format is not None else picture.format
        return plan, Result(picture, plan.width, plan.height, Format.of(format))

    def seconds(self, plans, settings):
        """How long plans will take together, by the last one with the same model, engine, device and settings, in this
        program or in another; None before there was one.
        """
        speed = _speeds.seconds_per_pixel(self._kind(self.open(settings), settings))
        return None if speed is None else speed * sum(plan.network_pixels for plan in plans)

    def learn(self, upscaler, settings, plan, seconds):
        """Remembers how long a plan took, which has just run with the upscaler that open() gave for these settings."""
        # What is over at once says more about the clock than about the network.
        if plan.network_pixels and seconds > 0.05:
            _speeds.keep(self._kind(upscaler, settings), seconds / plan.network_pixels)

    def _kind(self, upscaler, settings):
        """What the speed depends on, as a text. The networks are those of the last plan or run: of a preset that goes by the
        picture's wear other ones for each level.
        """
        kind = [upscaler.model, upscaler.engine, upscaler.engine_version, upscaler.device_name]
        given = sorted(self._part(settings, "upscaler").items())
        return ", ".join(kind + [f"{key}={value}" for key, value in given if key != "model"])

    def close(self):
        """Lets go of everything; a job that still runs keeps what it needs. What is asked for later is opened anew."""
        with self._lock:
            self._registry = self._upscaler = self._opening = None

    def _part(self, settings, scope):
        """The settings that count for opening, or for a run."""
        with Options(self.registry) as options:
            return {
                key: value
                for key, value in settings.items()
                if value is not None and options.property(key, "scope") == scope
            }
