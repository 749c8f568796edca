"""The job: enlarges a host's pictures, from its settings to the result in the document.

All logic that shims share. The library works on a thread of its own; the host is used on the caller's. The document is
never touched before all results are complete, and not at all if something fails.
"""

import collections
import threading
import time

from . import _abi
from ._desk import Desk
from ._strips import StripReader, StripWriter
from .cancel import Cancel
from .errors import Defect, error, invalid
from .formats import Format
from .progress import TimeLeft
from .upscalers import Upscalers

# The share of the whole that writing takes where results are held.
_WRITING = 0.05


class Job:
    """Enlarges the pictures of a host.

    A host that may wait calls run(). One that has an event loop to look after calls start(), and then step() from a
    timer until it returns True. Both raise what went wrong: Cancelled when the user did not want it any more, another
    Error with a sentence for the user, or what the host itself raised; the host was told to abandon() before.

    Arguments:
        host: a Host.
        settings: values by the key of their Option, as a dialog has them; what is missing is the default.
        upscalers: an Upscalers that is kept for the next job; a new one by default.
        wake: called when step() has something to do, on any thread; for a host that does not want to wait for its
            timer. It may only do what any thread may, such as sending a signal.
    """

    def __init__(self, host, settings=None, upscalers=None, wake=None):
        self._host = host
        self._settings = dict(settings or {})
        self._upscalers = upscalers if upscalers is not None else Upscalers()
        self._desk = Desk(wake)
        self._stop = threading.Event()
        self._cancel = None
        self._worker = None
        self._worked = self._began = self._ended = False
        self._failure = None
        self._notes = []
        self._held = collections.deque()
        # The strip that the host writes while the next one is computed.
        self._writing = None
        self._strips = 0
        self._reported = (0.0, "Opening the model")
        self._shown = 0.0

    def run(self):
        """Does all of it; returns when the result is in the document. Takes no longer than half a second to cancel."""
        try:
            self.start()
            while not self.step(0.1):
                pass
        finally:
            self.close()

    def start(self):
        """Starts the worker."""
        self._pictures = list(self._host.pictures())
        if not self._pictures:
            raise invalid("there is nothing to enlarge; choose something first")
        self._worker = threading.Thread(target=self._work, name="enlarger", daemon=True)
        self._worker.start()

    def step(self, wait=0.0):
        """Does what waits to be done on the host's thread: a strip at most, so that it returns soon.

        Waits up to that many seconds for something to do. Returns whether the job is done.
        """
        if self._ended:
            return True
        try:
            if not self._worked:
                self._desk.serve(wait)
                self._tell(*self._reported)
                return False
            if self._failure is not None:
                raise self._failure
            if not self._finish():
                self._desk.ring()
                return False
        except BaseException as problem:
            try:
                self.close()
            finally:
                raise _plain(problem)
        for note in self._notes:
            self._host.message(note)
        return True

    def cancel(self):
        """Asks to stop; step() or run() then raises Cancelled within half a second. Any thread, any time."""
        self._stop.set()
        if self._cancel is not None:
            self._cancel.request()

    def close(self):
        """Stops if it is not done, waits for the worker, has the host abandon; of a job that is done, nothing happens.

        For a host that must go away in the middle. The host's thread only.
        """
        if self._ended or self._worker is None:
            return
        self._ended = True
        self.cancel()
        self._desk.close()
        self._worker.join()
        self._held.clear()
        if self._began:
            self._host.abandon()

    # On the host's thread.

    def _tell(self, fraction, text):
        """Progress never goes backwards, not even by rounding."""
        self._shown = max(self._shown, min(fraction, 1.0))
        if self._host.progress(self._shown, text) is False:
            self.cancel()

    def _begin(self, results):
        self._began = True
        self._host.begin(results)

    def _finish(self):
        """Writes one strip that was held, or commits; returns whether that was the end."""
        written = 1 - len(self._held) / self._strips if self._strips else 1.0
        self._tell(1 - _WRITING + _WRITING * written, "Writing the result")
        if self._stop.is_set():
            raise error(_abi.ENL_CANCELLED, "the job was cancelled")
        if self._held:
            self._host.write(*self._held.popleft())
            return False
        self._host.commit()
        self._ended = True
        return True

    # On the worker's thread.

    def _work(self):
        try:
            self._enlarge()
        except BaseException as problem:
            if isinstance(problem, Defect):
                # What it was used with answers no more; the next job shall find something that does.
                self._upscalers.close()
            self._failure = problem
        self._worked = True
        self._desk.ring()

    def _enlarge(self):
        upscaler = self._upscalers.open(self._settings)
        planned = [self._upscalers.plan(picture, self._settings) for picture in self._pictures]
        self._desk.ask(self._begin, [result for _, result in planned])
        # Time goes with what the network sees; what is only resampled counts a little.
        weights = [plan.network_pixels + plan.width * plan.height / 64 for plan, _ in planned]
        time_left = TimeLeft()
        self._cancel = Cancel()
        if self._stop.is_set():
            self._cancel.request()
        for index, (plan, result) in enumerate(planned):
            before, share = sum(weights[:index]) / sum(weights), weights[index] / sum(weights)
            self._stream(upscaler, plan, result, self._reporter(result.picture, index, before, share, time_left))
            self._written()

    def _stream(self, upscaler, plan, result, report):
        """Enlarges one picture."""
        picture = result.picture
        format = Format.of(picture.format)
        wanted = self._upscalers.wanted(picture, self._settings)
        rect = wanted.pop("rect")

        def reader(bottom):
            return StripReader(lambda rect: self._desk.send(self._host.read, picture, rect), bottom, format.pixel_size)

        self._reported = (self._reported[0], f"Looking at {picture.name}")
        level = upscaler.measure(
            reader(picture.height).row, picture.width, picture.height, format, cancel=self._cancel, **wanted
        )
        if level is not None:
            wanted["options"]["denoise"] = level
            # The level may want another network, which reads another part and takes another time; the size stays.
            plan = upscaler.plan(picture.width, picture.height, rect=rect, **wanted)
        writer = StripWriter(
            lambda rect, pixels: self._take(result, rect, pixels), result.width, result.height, result.format.pixel_size
        )
        started = time.monotonic()
        upscaler.stream(
            reader(plan.read.y + plan.read.height).row,
            writer.row,
            picture.width,
            picture.height,
            format,
            output_format=result.format,
            cancel=self._cancel,
            progress=report,
            rect=rect,
            **wanted,
        )
        self._upscalers.learn(upscaler, self._settings, plan, time.monotonic() - started)
        said = self._upscalers.told.union(self._notes)
        self._notes += [note for note in upscaler.notes if note not in said]

    def _take(self, result, rect, pixels):
        """A strip is ready."""
        if self._host.hold:
            self._held.append((result, rect, pixels))
            self._strips = len(self._held)
        else:
            self._written()
            self._writing = self._desk.send(self._host.write, result, rect, pixels)

    def _written(self):
        """Waits until the host has written all that is ready."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.wait()

    def _reporter(self, picture, index, before, share, time_left):
        """What is told of one picture's progress, as a part of the whole."""
        computing = 1 - _WRITING if self._host.hold else 1.0
        name = picture.name
        if len(self._pictures) > 1:
            name += f" ({index + 1} of {len(self._pictures)})"

        def report(progress):
            fraction = before + share * progress.fraction
            text = f"Enlarging {name}"
            if progress.tiles_total > 1:
                text += f": tile {min(progress.tiles_done + 1, progress.tiles_total)} of {progress.tiles_total}"
            seconds = time_left.update(fraction)
            if seconds is not None:
                text += f", {duration(seconds)} left"
            self._reported = (fraction * computing, text)

        return report


def _plain(problem):
    """What Python says of memory is no sentence for people."""
    if not isinstance(problem, MemoryError):
        return problem
    sentence = "there is not enough memory for this; close something, or make the result smaller"
    memory = error(_abi.ENL_ERROR_MEMORY, sentence)
    memory.__cause__ = problem
    return memory


def duration(seconds):
    """A time for people: "about 20 s", "about 3 min"."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 100:
        return f"about {round(seconds / 5) * 5} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 100 else f"about {round(seconds / 3600)} h"
