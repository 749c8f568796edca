"""The preview: parts of the result while the user still chooses.

It holds all the logic that dialogs share. The library works on a worker thread; the host is used on the caller's thread
only, which never waits. What is shown must be what a job would make with the same settings, and the last request wins.
"""

import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Optional

from . import _abi, face_words
from ._host_strips import strip_rows
from ._host_thread import Call, HostThread
from ._known_advice import KnownAdvice
from ._known_faces import KnownFaces
from ._known_measures import KnownMeasures
from ._typing import Buffer
from .advice import Advice
from .cancel import Cancel
from .comparison import Cell, Choice
from .errors import Cancelled, Defect, error, for_people
from .formats import Format
from .frame import Look, enlarged_part, frame_of, source_of
from .host import Picture
from .patch import Patch, run_format, to_display
from .planned import Planned
from .progress import Progress
from .translation import _
from .upscaler import Rect
from .upscaler_cache import UpscalerCache

# Seconds between two reports of the progress.
_INTERVAL = 0.1


@dataclass
class _Request:
    """What the worker is to do."""

    pictures: Sequence[Picture]
    settings: dict[str, Any]
    shown: int
    look: Optional[Look]
    advise: bool = False
    choices: Optional[Sequence[Choice]] = None
    # Cells of the comparison before, which need not be computed again.
    kept: Sequence[Cell] = ()
    cancel: Cancel = field(default_factory=Cancel)

    def check(self) -> None:
        if self.cancel.requested:
            raise error(_abi.ENL_CANCELLED, "another preview was requested")


class Preview:
    """Computes patches of the result for a dialog.

    All calls and attributes are for the host's thread only; the attributes change only inside request(), compare() and
    step(). The dialog calls step() from its event loop, when `wake` was called or from a timer, and shows the attributes
    again whenever step() returns True.

    Arguments:
        upscalers: an UpscalerCache, best that of the job. While a preview works, only the preview may use its upscalers.
        read: called as read(picture, rect) on the host's thread; returns pixels as Host.read() does.
        wake: called on any thread when step() has something to do. It may only do what any thread may do.
        to_srgb: called as to_srgb(picture, pixels, width, height, format) on the host's thread for a picture with an ICC
            profile; returns the pixels as "rgba u8" in sRGB. `format` has 16 bits and the channels of the profile. Without
            it, pixels are shown as if their profile were sRGB.

    Attributes:
        planned: what a job would do, by the last request that was planned; None before the first, and if the last one
            cannot be done.
        patch: the last Patch; None before the first.
        outdated: whether `patch` is not that of the last request, so that a dialog shows it greyed.
        busy: whether something is being computed.
        progress: from 0.0 to 1.0; 0.0 until that is known.
        text: what is being done.
        problem: why the last request has no result; None if it has one or is still computed.
        cells: the comparison, as far as it is computed, in the order of its choices.
        advice: the advice on the picture that the last request shows, a moment after its patch; until then the last advice.
    """

    def __init__(
        self,
        upscalers: UpscalerCache,
        read: Callable[[Picture, Rect], Buffer],
        wake: Optional[Callable[[], Any]] = None,
        to_srgb: Optional[Callable[[Picture, bytes, int, int, Format], Buffer]] = None,
    ) -> None:
        self.planned: Optional[Planned] = None
        self.patch: Optional[Patch] = None
        self.outdated = False
        self.busy = False
        self.progress = 0.0
        self.text = ""
        self.problem: Optional[BaseException] = None
        self.cells: list[Cell] = []
        self.advice: list[Advice] = []
        self._upscalers = upscalers
        self._read, self._to_srgb = read, to_srgb
        self._host_thread = HostThread(wake)
        self._faces, self._measures = KnownFaces(upscalers), KnownMeasures(upscalers)
        self._known_advice = KnownAdvice()
        self._changed = False
        self._request: Optional[_Request] = None
        # The newest request, for the worker; older ones that it has not begun are dropped.
        self._next: Optional[_Request] = None
        self._closed = False
        self._news = threading.Condition()
        self._worker: Optional[threading.Thread] = None

    def request(
        self,
        pictures: Sequence[Picture],
        settings: Mapping[str, Any],
        look: Optional[Look] = None,
        shown: int = 0,
        advise: bool = False,
    ) -> None:
        """Requests `planned` for a job with these pictures and settings, and the patch of one of the pictures. Cancels what
        is under way, and ends a comparison. Returns at once.

        Arguments:
            pictures: as Host.pictures() gives them.
            settings: values by the key of their Option.
            look: where the user looks; None for no patch.
            shown: the index of the picture to look at.
            advise: whether to look for `advice`, which reads the whole picture once; otherwise there is none.
        """
        self.cells = []
        if not advise:
            self.advice = []
        self._begin(_Request(tuple(pictures), dict(settings), shown, look, advise))
        self.outdated = True

    def compare(self, choices: Sequence[Choice], look: Look) -> None:
        """Requests the patches of a look by several choices, with the pictures and the settings of the last request. They
        come one by one. Cancels what is under way. Returns at once.

        After another comparison of the same look, only choices that it had not computed are computed.
        """
        last = self._request
        if last is None:
            raise ValueError("compare() needs a request() before")
        kept = self.cells if last.choices is not None and last.look == look else []
        self.cells = []
        self._begin(_Request(last.pictures, last.settings, last.shown, look, choices=tuple(choices), kept=kept))

    def stop(self) -> None:
        """Cancels what is under way. What is shown stays."""
        if self._request is not None:
            self._request.cancel.request()
        with self._news:
            self._next = None
        self.busy, self._changed = False, True

    def step(self, timeout: float = 0.0) -> bool:
        """Does some work on the host's thread, at most one strip of pixels. Returns whether an attribute has changed.

        Waits up to that many seconds for something to do.
        """
        self._host_thread.run_next(timeout)
        changed, self._changed = self._changed, False
        return changed

    def close(self) -> None:
        """Cancels what is under way and releases the upscalers but the last one. Does not wait: what runs ends within half
        a second, and a job that uses the same UpscalerCache waits for that by itself.
        """
        self.stop()
        with self._news:
            self._closed = True
            self._news.notify()
        self._host_thread.close()
        self._upscalers.keep_last()

    def wait(self, seconds: float) -> bool:
        """Waits after close() until what ran has ended, for at most that many seconds; returns whether it has. A host whose
        process ends must call it: Python cannot end while a thread calls back from the library.
        """
        if self._worker is not None:
            self._worker.join(seconds)
        return self._worker is None or not self._worker.is_alive()

    # On the host's thread.

    def _begin(self, request: _Request) -> None:
        if self._closed:
            raise ValueError("this preview is closed; make a new one")
        if self._request is not None:
            self._request.cancel.request()
        self._request = request
        self.busy, self.progress, self.text, self.problem = True, 0.0, "Opening the model", None
        self._changed = True
        with self._news:
            self._next = request
            self._news.notify()
        if self._worker is None:
            # Nobody waits for a daemon: it ends with the program even if a model takes long to open.
            self._worker = threading.Thread(target=self._work, name="enlarger preview", daemon=True)
            self._worker.start()

    def _apply(self, request: _Request, changes: dict[str, Any]) -> None:
        """Takes over what the worker has made, unless there is a newer request."""
        if request is self._request and not request.cancel.requested:
            for name, value in changes.items():
                setattr(self, name, value)
            self._changed = True

    def _add_cell(self, request: _Request, cell: Cell) -> None:
        self._apply(request, {"cells": [*self.cells, cell]})

    def _read_strip(self, request: _Request, picture: Picture, rect: Rect) -> Buffer:
        request.check()
        return self._read(picture, rect)

    def _convert(
        self, request: _Request, picture: Picture, pixels: bytes, width: int, height: int, format: Format
    ) -> bytes:
        request.check()
        assert self._to_srgb is not None
        return bytes(self._to_srgb(picture, pixels, width, height, format))

    # On the worker's thread.

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._closed or self._next is not None)
                if self._closed:
                    return
                request, self._next = self._next, None
            if request is not None:
                self._answer(request)

    def _answer(self, request: _Request) -> None:
        try:
            with self._upscalers.turn(lambda: request.cancel.requested):
                if request.choices is None:
                    self._plan_and_patch(request)
                else:
                    self._compare(request, request.choices)
        except Cancelled:
            # There is a newer request, or nobody waits.
            self._tell(request, busy=False)
        except BaseException as problem:
            self._release_after(problem)
            self._tell(request, busy=False, problem=for_people(problem))

    def _release_after(self, problem: BaseException) -> None:
        if isinstance(problem, Defect):
            # The upscaler cannot be used again; the next request has to open a new one.
            self._upscalers.close()

    def _plan_and_patch(self, request: _Request) -> None:
        self._plan(request)
        if request.look is None:
            self._tell(request, busy=False)
            return
        if self._find_faces(request, request.settings, 0.0):
            # What a job takes depends on them.
            self._plan(request)
        patch = self._make(request, request.settings, request.look, 0.0, 1.0)
        self._tell(request, patch=patch, outdated=False, busy=False, progress=1.0)
        if request.advise:
            self._tell(request, advice=self._advice(request))

    def _plan(self, request: _Request) -> None:
        try:
            pictures = [self._faces.put_into(picture, request.settings) for picture in request.pictures]
            planned = self._upscalers.planned(pictures, request.settings)
        except BaseException:
            self._tell(request, planned=None)
            raise
        self._tell(request, planned=planned)

    def _find_faces(self, request: _Request, settings: Mapping[str, Any], before: float) -> bool:
        """Looks for the faces of the shown picture if these settings treat faces; returns whether it had to. `before` is its place
        in the progress of the request.
        """

        picture = request.pictures[request.shown]
        if not self._faces.wanted(picture, settings):
            return False
        self._tell(request, progress=before, text=face_words.searching(picture.name))
        self._faces.find(picture, settings, self._reads(request, picture), request.cancel)
        if not self._faces.of(picture, settings):
            # The dialog shows it beside the patch.
            self._upscalers.shown_notes.add(face_words.none())
        return True

    def _advice(self, request: _Request) -> list[Advice]:
        """The advice for a request. It comes last, and without it everything else works: if the look fails, the error goes to
        the host's standard error, and there is no advice.
        """

        picture = request.pictures[request.shown]
        try:
            return self._known_advice.find(
                self._upscalers, picture, request.settings, self._reads(request, picture), request.cancel
            )
        except Cancelled:
            raise
        except Exception as problem:
            traceback.print_exc()
            self._release_after(problem)
            return []

    def _compare(self, request: _Request, choices: Sequence[Choice]) -> None:
        assert request.look is not None
        for index, choice in enumerate(choices):
            request.check()
            kept = next((cell for cell in request.kept if cell.choice == choice), None)
            if kept is not None:
                self._host_thread.post(self._add_cell, request, kept)
                continue
            settings = {**request.settings, **choice.settings}
            try:
                cell = Cell(choice, self._make(request, settings, request.look, index / len(choices), 1 / len(choices)))
            except Cancelled:
                raise
            except Exception as problem:
                self._release_after(problem)
                cell = Cell(choice, None, for_people(problem))
            self._host_thread.post(self._add_cell, request, cell)
        self._tell(request, busy=False, progress=1.0)

    def _make(
        self, request: _Request, settings: Mapping[str, Any], look: Look, before: float, share: float
    ) -> Patch:
        """The patch for a look. `before` and `share` are its place in the progress of the request."""
        self._find_faces(request, settings, before)
        picture = request.pictures[request.shown]
        with_faces = self._faces.put_into(picture, settings)
        source_size = picture.width, picture.height
        upscaler = self._upscalers.upscaler(settings)
        size = self._upscalers.whole_size(picture, settings)
        frame = frame_of(look, source_size, size, picture.rect)
        part = source_of(frame, source_size, size, picture.rect)
        self._tell(request, progress=before, text=_("Analysing {name}").format(name=picture.name))
        measured = self._measures.find(with_faces, settings, self._reads(request, picture), request.cancel)
        last_told = 0.0

        def report(progress: Progress) -> None:
            nonlocal last_told
            now = time.monotonic()
            if now - last_told >= _INTERVAL:
                last_told = now
                self._tell(request, progress=before + share * progress.fraction, text=_("Computing the preview"))

        views = []
        # The network comes last, so that close() keeps it for the job.
        for method in ("bicubic", "nearest", None):
            wanted, seen = dict(settings), with_faces
            if method is not None:
                wanted, seen = self._upscalers.resampling(picture, settings, method), replace(picture, mask=None)
            else:
                wanted.update(measured)
            pixels = self._run(request, seen, wanted, part, report if method is None else None)
            views.append(self._cut(request, picture, pixels, enlarged_part(part, source_size, size), frame))
        before_view, source_view, after_view = views
        return Patch(
            frame,
            size,
            before_view,
            after_view,
            source_view,
            dict(settings),
            measured.get("denoise"),
            picture.pixels_of,
            source_size,
            self._faces.of(picture, settings),
        )

    def _reads(self, request: _Request, picture: Picture) -> Callable[[Rect], Call]:
        """What a StripReader calls for the pixels of a picture."""
        return lambda rect: self._host_thread.post(self._read_strip, request, picture, rect)

    def _run(
        self,
        request: _Request,
        picture: Picture,
        settings: Mapping[str, Any],
        part: Rect,
        report: Optional[Callable[[Progress], None]],
    ) -> list[bytes]:
        """The rows of the result for a part of the source."""
        upscaler = self._upscalers.upscaler(settings)
        arguments = {**self._upscalers.run_arguments(picture, settings), "rect": part}
        read = upscaler.plan(picture.width, picture.height, **arguments).read
        pixel = Format.of(picture.format).pixel_size
        pixels = memoryview(self._read_rect(request, picture, read, pixel))

        def row(x: int, y: int, width: int) -> memoryview:
            start = ((y - read.y) * read.width + x - read.x) * pixel
            return pixels[start : start + width * pixel]

        rows: list[bytes] = []
        upscaler.stream(
            row,
            lambda _, row: rows.append(row),
            picture.width,
            picture.height,
            picture.format,
            output_format=run_format(picture),
            progress=report,
            cancel=request.cancel,
            **arguments,
        )
        return rows

    def _read_rect(self, request: _Request, picture: Picture, rect: Rect, pixel: int) -> bytes:
        """A rectangle of the source, read in strips, so that the host's thread is free in between."""
        count = strip_rows(rect.width * pixel)
        strips = []
        for y in range(rect.y, rect.y + rect.height, count):
            strip = Rect(rect.x, y, rect.width, min(count, rect.y + rect.height - y))
            data = memoryview(self._host_thread.call(self._read_strip, request, picture, strip)).cast("B")
            expected = strip.width * strip.height * pixel
            if data.nbytes != expected:
                raise ValueError(f"the host gave {data.nbytes} bytes for a part of {picture.name}; {expected} are needed")
            strips.append(data)
        return b"".join(strips)

    def _cut(self, request: _Request, picture: Picture, rows: Sequence[bytes], made: Rect, frame: Rect) -> bytes:
        """The frame out of the rows of what was made, for the screen."""
        format = run_format(picture)
        left, top = (frame.x - made.x) * format.pixel_size, frame.y - made.y
        right = left + frame.width * format.pixel_size
        pixels = b"".join(row[left:right] for row in rows[top : top + frame.height])
        if not picture.icc_profile or self._to_srgb is None:
            return to_display(pixels, format, picture.colour_space == "linear_srgb" and not picture.icc_profile)
        return self._host_thread.call(  # type: ignore[no-any-return]
            self._convert, request, picture, pixels, frame.width, frame.height, format
        )

    def _tell(self, request: _Request, **changes: Any) -> None:
        """Sets attributes, on the host's thread."""
        self._host_thread.post(self._apply, request, changes)
