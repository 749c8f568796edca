"""The job: enlarges a host's pictures, from the settings to the result in the document.

It holds all the logic that shims share. The library works on a worker thread; the host is used on the caller's thread
only. The document must never change before all results are complete, and not at all if something fails.
"""

import collections
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional

from . import _abi, face_words
from ._host_strips import StripReader, StripWriter
from ._host_thread import Call, HostThread
from ._known_faces import KnownFaces
from ._known_measures import KnownMeasures
from .cancel import Cancel
from .errors import Defect, error, for_people, invalid
from .face_choice import without_a_face
from .formats import Format
from .host import Host, Picture, Result
from .progress import Progress, TimeLeft
from .provenance import Provenance
from .translation import _
from .upscaler import Plan, Rect, Upscaler
from .upscaler_cache import UpscalerCache

# The share of the progress for writing, if the host writes when all results are complete.
_WRITING_SHARE = 0.05


class Job:
    """Enlarges the pictures of a host.

    A host that may block calls run(). A host with an event loop calls start(), and then step() from a timer until it
    returns True. Both raise the failure: Cancelled if the user cancelled, another Error with a message for the user, or an
    exception of the host itself. Before that, they call the host's abandon().

    Arguments:
        host: a Host.
        settings: values by the key of their Option, as a dialog has them; the others have their defaults.
        upscalers: an UpscalerCache to share with the next job; a new one by default.
        wake: called on any thread when step() has something to do, for a host that does not want to wait for its timer. It
            may only do what any thread may do, such as sending a signal.
    """

    def __init__(
        self,
        host: Host,
        settings: Optional[Mapping[str, Any]] = None,
        upscalers: Optional[UpscalerCache] = None,
        wake: Optional[Callable[[], Any]] = None,
    ) -> None:
        self._host = host
        self._settings = dict(settings or {})
        self._upscalers = upscalers if upscalers is not None else UpscalerCache()
        self._host_thread = HostThread(wake)
        self._cancel_requested = threading.Event()
        self._cancel: Optional[Cancel] = None
        self._pictures: list[Picture] = []
        self._worker: Optional[threading.Thread] = None
        self._worker_done = self._begun = self._ended = False
        self._failure: Optional[BaseException] = None
        self._notes: list[str] = []
        self._made: list[Provenance] = []
        # The strips that wait until all results are complete, and how many there were at most.
        self._complete_strips: collections.deque[tuple[Result, Rect, bytes]] = collections.deque()
        self._strip_count = 0
        # The write() of the host that runs while the next strip is computed.
        self._pending_write: Optional[Call] = None
        self._progress = (0.0, _("Opening the model"))
        self._shown_fraction = 0.0

    def run(self) -> None:
        """Does the whole job; returns when the result is in the document. Answers a cancellation within half a second."""
        try:
            self.start()
            while not self.step(0.1):
                pass
        finally:
            self.close()

    def start(self) -> None:
        """Starts the worker. Raises InvalidArgument if the host has no pictures."""
        self._pictures = list(self._host.pictures())
        if not self._pictures:
            raise invalid(_("there is nothing to enlarge; choose a layer first"))
        self._worker = threading.Thread(target=self._work, name="enlarger", daemon=True)
        self._worker.start()

    def step(self, timeout: float = 0.0) -> bool:
        """Does some work on the host's thread, at most one strip, so that it returns soon.

        Waits up to that many seconds for something to do. Returns whether the job is done.
        """
        if self._ended:
            return True
        try:
            if not self._worker_done:
                self._host_thread.run_next(timeout)
                self._show_progress(*self._progress)
                return False
            if self._failure is not None:
                raise self._failure
            if not self._finish():
                self._host_thread.interrupt()
                return False
        except BaseException as problem:
            try:
                self.close()
            finally:
                raise for_people(problem)
        for note in self._notes:
            self._host.message(note)
        return True

    def cancel(self) -> None:
        """Requests cancellation; step() or run() then raises Cancelled within half a second. Any thread, any time."""
        self._cancel_requested.set()
        if self._cancel is not None:
            self._cancel.request()

    def close(self) -> None:
        """Ends a job that is not done: stops the worker, waits for it, and calls the host's abandon(). Does nothing for a
        job that is done. The host's thread only.
        """
        if self._ended or self._worker is None:
            return
        self._ended = True
        self.cancel()
        self._host_thread.close()
        self._worker.join()
        self._complete_strips.clear()
        if self._begun:
            self._host.abandon()

    # On the host's thread.

    def _show_progress(self, fraction: float, text: str) -> None:
        # Rounding must not make it go backwards either.
        self._shown_fraction = max(self._shown_fraction, min(fraction, 1.0))
        if self._host.progress(self._shown_fraction, text) is False:
            self.cancel()

    def _begin(self, results: Sequence[Result]) -> None:
        self._begun = True
        self._host.begin(results)

    def _finish(self) -> bool:
        """Writes one of the complete strips, or commits if there are none left; returns whether it committed."""
        written = 1 - len(self._complete_strips) / self._strip_count if self._strip_count else 1.0
        self._show_progress(1 - _WRITING_SHARE + _WRITING_SHARE * written, _("Writing the result"))
        if self._cancel_requested.is_set():
            raise error(_abi.ENL_CANCELLED, "the job was cancelled")
        if self._complete_strips:
            self._host.write(*self._complete_strips.popleft())
            return False
        self._host.made_by(self._made)
        self._host.commit()
        self._ended = True
        return True

    # On the worker's thread.

    def _work(self) -> None:
        try:
            with self._upscalers.turn(self._cancel_requested.is_set):
                self._enlarge_all()
        except BaseException as problem:
            if isinstance(problem, Defect):
                # The upscaler cannot be used again; the next job has to open a new one.
                self._upscalers.close()
            self._failure = problem
        self._worker_done = True
        self._host_thread.interrupt()

    def _enlarge_all(self) -> None:
        upscaler = self._upscalers.upscaler(self._settings)
        plans = [self._upscalers.plan(picture, self._settings) for picture in self._pictures]
        self._host_thread.call(self._begin, [result for _, result in plans])
        # The time mostly depends on the network's pixels; pixels that are only resampled count a little.
        weights = [plan.network_pixels + plan.width * plan.height / 64 for plan, _ in plans]
        time_left = TimeLeft()
        self._cancel = Cancel()
        if self._cancel_requested.is_set():
            self._cancel.request()
        for index, (plan, result) in enumerate(plans):
            before, share = sum(weights[:index]) / sum(weights), weights[index] / sum(weights)
            report = self._progress_callback(result.picture, index, before, share, time_left)
            self._enlarge(upscaler, plan, result, report)
            self._wait_for_write()

    def _enlarge(self, upscaler: Upscaler, plan: Plan, result: Result, report: Callable[[Progress], None]) -> None:
        """Enlarges one picture."""
        picture, format = self._with_faces(result.picture), Format.of(result.picture.format)
        arguments = self._upscalers.run_arguments(picture, self._settings)
        rect = arguments.pop("rect")

        self._progress = (self._progress[0], _("Analysing {name}").format(name=picture.name))
        measures = KnownMeasures(self._upscalers)
        arguments["options"].update(measures.find(picture, self._settings, self._reads(result.picture), self._cancel))
        # What was measured may use other networks, and faces others beside them, which read another part and take another time. The
        # size stays.
        plan = upscaler.plan(picture.width, picture.height, rect=rect, **arguments)
        writer = StripWriter(
            lambda rect, pixels: self._write(result, rect, pixels),
            result.width,
            result.height,
            result.format.pixel_size,
        )
        started = time.monotonic()
        upscaler.stream(
            StripReader(self._reads(result.picture), plan.read.y + plan.read.height, format.pixel_size).row,
            writer.row,
            picture.width,
            picture.height,
            format,
            output_format=result.format,
            cancel=self._cancel,
            progress=report,
            rect=rect,
            **arguments,
        )
        self._made.append(upscaler.provenance(picture.width, picture.height, rect=rect, **arguments))
        self._upscalers.record_time(upscaler, self._settings, plan, time.monotonic() - started)
        known = self._upscalers.shown_notes.union(self._notes)
        self._notes += [note for note in upscaler.notes if note not in known]

    def _with_faces(self, picture: Picture) -> Picture:
        """The picture with its faces among its settings, if the settings of the job treat faces."""
        known = KnownFaces(self._upscalers)
        if known.wanted(picture, self._settings):
            self._progress = (self._progress[0], face_words.searching(picture.name))
            known.find(picture, self._settings, self._reads(picture), self._cancel)
        faces = known.of(picture, self._settings)
        if faces is not None:
            notes = [face_words.not_found(x, y, picture.name) for x, y in without_a_face(faces, picture.faces_left_out)]
            if not faces:
                notes.append(face_words.none())
            self._notes += [note for note in notes if note not in self._upscalers.shown_notes]
        return known.put_into(picture, self._settings)

    def _reads(self, picture: Picture) -> Callable[[Rect], Call]:
        """What a StripReader calls for the pixels of a picture."""
        return lambda rect: self._host_thread.post(self._host.read, picture, rect)

    def _write(self, result: Result, rect: Rect, pixels: bytes) -> None:
        """Passes a strip to the host, or keeps it until all results are complete."""
        if self._host.write_when_complete:
            self._complete_strips.append((result, rect, pixels))
            self._strip_count = len(self._complete_strips)
        else:
            self._wait_for_write()
            self._pending_write = self._host_thread.post(self._host.write, result, rect, pixels)

    def _wait_for_write(self) -> None:
        if self._pending_write is not None:
            call, self._pending_write = self._pending_write, None
            call.result()

    def _progress_callback(
        self, picture: Picture, index: int, before: float, share: float, time_left: TimeLeft
    ) -> Callable[[Progress], None]:
        """The callback for one picture's progress, which is a share of the whole."""
        computing = 1 - _WRITING_SHARE if self._host.write_when_complete else 1.0
        name = picture.name
        if len(self._pictures) > 1:
            name = _("{name} ({index} of {count})").format(name=name, index=index + 1, count=len(self._pictures))

        def report(progress: Progress) -> None:
            fraction = before + share * progress.fraction
            total, text = progress.tiles_total, _("Enlarging {name}").format(name=name)
            if total > 1:
                tile = min(progress.tiles_done + 1, total)
                text = _("Enlarging {name}: tile {tile} of {total}").format(name=name, tile=tile, total=total)
            seconds = time_left.update(fraction)
            if seconds is not None:
                text = _("{what}, {time} left").format(what=text, time=duration(seconds))
            self._progress = (fraction * computing, text)

        return report


def duration(seconds: float) -> str:
    """A duration for people: "about 20 s", "about 3 min"."""
    if seconds < 10:
        return _("a few seconds")
    if seconds < 100:
        return _("about {count} s").format(count=round(seconds / 5) * 5)
    minutes = round(seconds / 60)
    if minutes < 100:
        return _("about {count} min").format(count=minutes)
    return _("about {count} h").format(count=round(seconds / 3600))
