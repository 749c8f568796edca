"""Keeps the upscalers that were used last for the next plan, preview or job.

A dialog plans again after each change of a setting, a comparison goes through all presets, and successive jobs mostly use
the same model. A new upscaler is only made when a setting changes that counts when it is made. An upscaler must never be
used for other settings of that kind.
"""

import collections
import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from . import _abi, _timings
from ._typing import Buffer
from .cancel import Cancel
from .errors import InvalidArgument, ModelError, error
from .faces import Face, stream_faces
from .formats import Format
from .host import Picture, Result
from .option import Option, Options
from .planned import Planned
from .registry import Registry
from .translation import _
from .upscaler import Plan, Upscaler

if TYPE_CHECKING:
    import os

# The options that choose what enlarges: networks, or a method without one. They change the descriptions of all others.
NETWORK_KEYS = ("preset", "model", "method")
# The options that set the size of the result. Without any, the preset or the model decides.
SIZE_KEYS = ("factor", "width", "height")

# The options that add to the source or repair it, with a method as well.
_CHANGES_PIXELS = ("grain", "reduce_first", "fading", "scratches")

# How many upscalers are kept: ten presets, two methods, and two models that are compared with them. Each holds its
# networks.
MOST_UPSCALERS = 14


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
        # By the settings that they were made for; the one that was used last comes last.
        self._upscalers: collections.OrderedDict[tuple[tuple[str, Any], ...], Upscaler] = collections.OrderedDict()
        self._turn = threading.Lock()

    @property
    def registry(self) -> Registry:
        """The installed models and engines, and the options."""
        with self._lock:
            if self._registry is not None and self._registry.is_lost:
                # All that was made with it has ended with its worker.
                self.close()
            if self._registry is None:
                self._registry = Registry(self._folders)
            return self._registry

    def options(self, settings: dict[str, Any]) -> dict[str, Option]:
        """All options by key, described in the user's language for the preset, the model or the method of these settings.

        A preset, a model or a method that does not exist any more is removed from the settings.
        """
        chosen = {key: settings[key] for key in NETWORK_KEYS if settings.get(key)}
        try:
            options = self.registry.options(**chosen)
        except (InvalidArgument, ModelError):
            for key in [key for key in chosen if not self._exists(key, chosen[key])]:
                del chosen[key], settings[key]
            options = self.registry.options(**chosen)
        return {option.key: _in_language(option) for option in options}

    def _exists(self, key: str, value: Any) -> bool:
        try:
            self.registry.options(**{key: value})
        except (InvalidArgument, ModelError):
            return False
        return True

    def upscaler(self, settings: Mapping[str, Any]) -> Upscaler:
        """The Upscaler for these settings: one that is kept, unless a setting changed that counts when it is made."""
        relevant = self._in_scope(settings, "upscaler")
        key = tuple(sorted(relevant.items()))
        registry = self.registry
        with self._lock:
            if key in self._upscalers:
                self._upscalers.move_to_end(key)
                return self._upscalers[key]
        # Not inside the lock: a large model takes a while, and the dialog's thread needs the registry.
        upscaler = Upscaler(registry=registry, options=relevant)
        with self._lock:
            if registry is self._registry:
                self._upscalers[key] = upscaler
                self._keep(MOST_UPSCALERS)
        return upscaler

    @contextlib.contextmanager
    def turn(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Waits until no other thread is inside, for as long as the caller is not cancelled; raises Cancelled then.

        An upscaler does one run at a time, and a preview that was cancelled needs up to half a second to end.
        """
        while not self._turn.acquire(timeout=0.05):
            if cancelled():
                raise error(_abi.ENL_CANCELLED, "another run was still going on")
        try:
            yield
        finally:
            self._turn.release()

    def keep_last(self) -> None:
        """Releases all upscalers but the one that was used last. Those that still run are released when they have ended."""
        with self._lock:
            self._keep(1)

    def _keep(self, most: int) -> None:
        while len(self._upscalers) > most:
            self._upscalers.popitem(last=False)

    def run_arguments(self, picture: Picture, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The keyword arguments of Upscaler.plan() and stream() for a picture."""
        options = {**self._in_scope({**settings, **picture.settings}, "run"), **_colour(picture)}
        return {"rect": picture.rect, "mask": picture.mask, "options": options}

    def plan(self, picture: Picture, settings: Mapping[str, Any]) -> tuple[Plan, Result]:
        """What a job would do with a picture. Nothing runs."""
        arguments = self.run_arguments(picture, settings)
        plan = self.upscaler(settings).plan(picture.width, picture.height, **arguments)
        format = picture.output_format if picture.output_format is not None else picture.format
        return plan, Result(picture, plan.width, plan.height, Format.of(format))

    def planned(self, pictures: Sequence[Picture], settings: Mapping[str, Any]) -> Planned:
        """What a job would do with pictures, for a dialog that shows it: a job does not repeat its notes. Nothing runs."""
        sizes = [self.whole_size(picture, settings) for picture in pictures]
        plans = [self.plan(picture, settings)[0] for picture in pictures]
        upscaler = self.upscaler(settings)
        device, notes = (upscaler.engine, upscaler.engine_version, upscaler.device_name), upscaler.notes
        self.shown_notes.update(notes)
        return Planned(plans, sizes, *device, notes, self.estimated_seconds(plans, settings))

    def whole_size(self, picture: Picture, settings: Mapping[str, Any]) -> tuple[int, int]:
        """The width and height that the whole of a picture would have, whatever part of it is enlarged."""
        without_network = self.resampling(picture, settings, "bicubic")
        arguments = {**self.run_arguments(picture, without_network), "rect": None, "mask": None}
        plan = self.upscaler(without_network).plan(picture.width, picture.height, **arguments)
        return plan.width, plan.height

    def wants_faces(self, picture: Picture, settings: Mapping[str, Any]) -> bool:
        """Whether a run wants to know where the faces of a picture are, because something is done to them."""
        options = self.run_arguments(picture, settings)["options"]
        return self.upscaler(settings).wants_faces(picture.width, picture.height, options=options)

    def find_faces(
        self, picture: Picture, settings: Mapping[str, Any], read: Callable[[int, int, int], Buffer], cancel: Optional[Cancel]
    ) -> list[Face]:
        """The faces of a picture, from left to right, as people count them. `read` gives single rows, as Upscaler.stream() reads
        them.
        """
        size = picture.width, picture.height
        colour = _colour(picture)
        # The engine that is chosen for the models may be one that cannot search.
        threads = settings.get("threads")
        found = stream_faces(
            read, *size, picture.format, cancel=cancel, registry=self.registry, threads=threads, **colour
        )
        return sorted(found, key=lambda face: face.left + face.width / 2)

    def resampling(self, picture: Picture, settings: Mapping[str, Any], method: str) -> dict[str, Any]:
        """The settings for the same size by a classical method, without what other options add or take away."""
        wanted = {**settings, **picture.settings}
        size = {} if any(wanted.get(key) for key in SIZE_KEYS) else {"factor": self.upscaler(settings).factor}
        return {**settings, **size, "method": method, **dict.fromkeys(_CHANGES_PIXELS)}

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
            if self._registry.is_lost or found.models != self._registry.models:
                self.close()
                self._registry = found

    def close(self) -> None:
        """Releases everything. A job that still runs keeps what it uses; later calls open everything again."""
        with self._lock:
            self._registry = None
            self._upscalers.clear()

    def _in_scope(self, settings: Mapping[str, Any], scope: str) -> dict[str, Any]:
        """The settings of one scope: "upscaler" or "run". A method ignores those of networks, so they are left out. Damage that was
        found counts for runs; it is no option with a description.
        """
        classical = self._is_classical(settings)
        with Options(self.registry, {"method": settings.get("method")}) as options:
            return {
                key: value
                for key, value in settings.items()
                if value is not None
                and (
                    scope == "run"
                    if key == "damage"
                    else options.property(key, "scope") == scope
                    and not (classical and options.property(key, "applies") == "no")
                )
            }

    def _is_classical(self, settings: Mapping[str, Any]) -> bool:
        """Whether a method is chosen that runs no network."""
        with Options(self.registry, {"method": settings.get("method")}) as options:
            return options.property("method", "value") != options.property("method", "default")


def _colour(picture: Picture) -> dict[str, Any]:
    """The options that say what a picture's pixels mean."""
    return {"icc_profile": picture.icc_profile} if picture.icc_profile else {"colour_space": picture.colour_space}


def _in_language(option: Option) -> Option:
    """An option with its texts in the user's language. Names, such as those of models and devices, stay."""
    return replace(
        option,
        label=_(option.label),
        help=_(option.help),
        unit=_(option.unit),
        choices=[(value, _(label)) for value, label in option.choices],
        choice_help=[_(help) for help in option.choice_help],
    )
