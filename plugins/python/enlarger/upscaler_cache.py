"""Keeps the upscaler that was used last for the next job.

A dialog plans again after each change of a setting, and successive jobs mostly use the same model. A new upscaler is only
made when a setting changes that counts when it is made. An upscaler must never be used for other settings of that kind.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _timings
from .errors import InvalidArgument, ModelError
from .formats import Format
from .host import Picture, Result
from .option import Option, Options
from .registry import Registry
from .upscaler import Plan, Upscaler

if TYPE_CHECKING:
    import os

# The options that choose what enlarges: networks, or a method without one. They change the descriptions of all others.
NETWORK_KEYS = ("preset", "model", "method")


class UpscalerCache:
    """Makes upscalers from settings: values by the key of their Option, as a dialog has them.

    Any thread may use it. It loads the library and opens a model when they are first needed, which takes a fraction of a
    second.

    Arguments:
        folders: paths of folders with models, as Registry takes them.

    Attributes:
        shown_notes: notes that a dialog has shown already; a job does not repeat them.
    """

    def __init__(self, folders: "Sequence[Union[str, os.PathLike[str]]]" = ()) -> None:
        self.shown_notes: set[str] = set()
        self._folders = folders
        self._lock = threading.RLock()
        self._registry: Optional[Registry] = None
        self._upscaler: Optional[Upscaler] = None
        self._made_for: Optional[dict[str, Any]] = None

    @property
    def registry(self) -> Registry:
        """The installed models and engines, and the options."""
        with self._lock:
            if self._registry is None:
                self._registry = Registry(self._folders)
            return self._registry

    def options(self, settings: dict[str, Any]) -> dict[str, Option]:
        """All options by key, described for the preset, the model or the method of these settings.

        A preset, a model or a method that does not exist any more is removed from the settings.
        """
        chosen = {key: settings[key] for key in NETWORK_KEYS if settings.get(key)}
        try:
            options = self.registry.options(**chosen)
        except (InvalidArgument, ModelError):
            for key in [key for key in chosen if not self._exists(key, chosen[key])]:
                del chosen[key], settings[key]
            options = self.registry.options(**chosen)
        return {option.key: option for option in options}

    def _exists(self, key: str, value: Any) -> bool:
        try:
            self.registry.options(**{key: value})
        except (InvalidArgument, ModelError):
            return False
        return True

    def upscaler(self, settings: Mapping[str, Any]) -> Upscaler:
        """The Upscaler for these settings: the last one, unless a setting changed that counts when it is made."""
        relevant = self._in_scope(settings, "upscaler")
        with self._lock:
            if self._upscaler is None or relevant != self._made_for:
                self._upscaler = Upscaler(registry=self.registry, options=relevant)
                self._made_for = relevant
            return self._upscaler

    def run_arguments(self, picture: Picture, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The keyword arguments of Upscaler.plan() and stream() for a picture."""
        colour = {"icc_profile": picture.icc_profile} if picture.icc_profile else {"colour_space": picture.colour_space}
        options = {**self._in_scope({**settings, **picture.settings}, "run"), **colour}
        mask = None if self._is_classical(settings) else picture.mask
        return {"rect": picture.rect, "mask": mask, "options": options}

    def plan(self, picture: Picture, settings: Mapping[str, Any]) -> tuple[Plan, Result]:
        """What a job would do with a picture. Nothing runs."""
        arguments = self.run_arguments(picture, settings)
        plan = self.upscaler(settings).plan(picture.width, picture.height, **arguments)
        format = picture.output_format if picture.output_format is not None else picture.format
        return plan, Result(picture, plan.width, plan.height, Format.of(format))

    def estimated_seconds(self, plans: Iterable[Plan], settings: Mapping[str, Any]) -> Optional[float]:
        """How long plans take together, by the last run with the same model, engine, device and settings on this machine;
        None if there was none.
        """
        speed = _timings.seconds_per_pixel(self._timing_key(self.upscaler(settings), settings))
        return None if speed is None else speed * sum(plan.network_pixels for plan in plans)

    def record_time(self, upscaler: Upscaler, settings: Mapping[str, Any], plan: Plan, seconds: float) -> None:
        """Records how long a plan took that has just run with the upscaler for these settings."""
        # The time of a very short run says more about the clock than about the network.
        if plan.network_pixels and seconds > 0.05:
            _timings.record(self._timing_key(upscaler, settings), seconds / plan.network_pixels)

    def _timing_key(self, upscaler: Upscaler, settings: Mapping[str, Any]) -> str:
        """What the speed depends on. The model is that of the upscaler's last plan or run: a preset that adapts to the
        picture's noise uses other networks for each noise level.
        """
        parts = [upscaler.model, upscaler.engine, upscaler.engine_version, upscaler.device_name]
        given = sorted(self._in_scope(settings, "upscaler").items())
        return ", ".join(parts + [f"{key}={value}" for key, value in given if key != "model"])

    def refresh(self) -> None:
        """Looks for the models again, after one may have been added or removed. Without a change, everything is kept."""
        with self._lock:
            if self._registry is None:
                return
            found = Registry(self._folders)
            if found.models != self._registry.models:
                self.close()
                self._registry = found

    def close(self) -> None:
        """Releases everything. A job that still runs keeps what it uses; later calls open everything again."""
        with self._lock:
            self._registry = self._upscaler = self._made_for = None

    def _in_scope(self, settings: Mapping[str, Any], scope: str) -> dict[str, Any]:
        """The settings of one scope: "upscaler" or "run". A method ignores those of networks, so they are left out."""
        classical = self._is_classical(settings)
        with Options(self.registry, {"method": settings.get("method")}) as options:
            return {
                key: value
                for key, value in settings.items()
                if value is not None
                and options.property(key, "scope") == scope
                and not (classical and options.property(key, "applies") == "no")
            }

    def _is_classical(self, settings: Mapping[str, Any]) -> bool:
        """Whether a method is chosen that runs no network."""
        with Options(self.registry, {"method": settings.get("method")}) as options:
            return options.property("method", "value") != options.property("method", "default")
