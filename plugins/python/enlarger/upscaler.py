"""The upscaler: a preset or a model on an engine, or a method without a network, which enlarges pixels.

It only passes calls on to the library, and must never change pixels itself.
"""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, NoReturn, Optional, Union

from . import _abi
from ._call import check, read_text, whole_number
from ._callbacks import Callbacks, call
from ._load import load
from ._typing import Buffer
from .cancel import Cancel, cancel_handle
from .errors import error
from .examiner import Examiner, row_source
from .formats import Format
from .option import Options
from .pixels import MAX_SIDE, Image, view
from .progress import Progress
from .provenance import Provenance
from .registry import Registry
from .run_options import RunOptions

if TYPE_CHECKING:
    import os

    from ._typing import Unpack


@dataclass(frozen=True)
class Rect:
    """A rectangle of whole pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Plan:
    """What a run will do.

    Attributes:
        width, height: the size of the result in pixels; with a rectangle, of the result for that rectangle.
        read: the part of the source that the run reads.
        passes: the network passes, one after another; 0 if resampling alone is enough.
        tile_width, tile_height: of the largest tile, halo included.
        tiles: the tiles of all passes together.
        network_pixels: the pixels that go through the network. The time grows with them.
        memory: the bytes that the run needs at most, without the source and the result.
    """

    width: int
    height: int
    read: Rect
    passes: int
    tile_width: int
    tile_height: int
    tiles: int
    network_pixels: int
    memory: int


# A rectangle as an argument: a Rect, or (x, y, width, height).
RectLike = Union[Rect, tuple[int, int, int, int]]


class Upscaler(Examiner):
    """A preset or a model on an engine, or a method, ready to run. Making one takes a fraction of a second; keep it for
    many pictures.

    Arguments, all optional, given by keyword only:
        preset: what the result should be like; one of the choices of the option "preset". "natural" by default.
        model: the id of one of Registry().models, to use it instead of a preset.
        method: "nearest", "bilinear", "bicubic" or "lanczos", to use no network at all; "network" by default.
        engine, device: ids, or "auto". An engine or device that is named is never replaced by another one.
        threads: processor cores to use; all by default.
        precision: "auto", "exact" or "fast". Exact is 32-bit floating point; fast stays within 65 dB and 4/255 of it.
        folders: paths of folders with models, as Registry takes them.
        registry: a Registry to use instead of a new one.
        options: further options by key, such as those of a newer library.

    Attributes:
        preset: the preset's id; empty if a model or a method was named.
        method: the method's id; "network" for a preset or a model.
        factor: the enlargement used when the call gives none.
        model, scale, engine, engine_version, device, device_name: what was opened. With a preset: what the last plan or
            run used; with several models, the scale, engine and device of the first one. Empty for a method, whose scale
            is 1.
        reason: which engine was chosen, and why.
        notes: what the last plan or run could not do as asked, or could do better: sentences, often none.

    Raises ModelError, EngineError, InvalidArgument, OutOfMemory, LoadError.

    One upscaler does one run at a time: it raises Busy if another thread, or a callback of the run, uses it during a run.
    Different upscalers run at the same time. Other Python threads continue during a run.
    """

    def __init__(
        self,
        *positional: NoReturn,
        preset: Optional[str] = None,
        model: Optional[str] = None,
        method: Optional[str] = None,
        engine: Optional[str] = None,
        device: Optional[str] = None,
        threads: Optional[int] = None,
        precision: Optional[str] = None,
        folders: "Sequence[Union[str, os.PathLike[str]]]" = (),
        registry: Optional[Registry] = None,
        options: Optional[Mapping[str, Any]] = None,
    ) -> None:
        if positional:
            value = repr(positional[0])
            raise TypeError(f"Upscaler() takes keyword arguments only; write preset={value} or model={value}")
        if registry is not None and folders:
            raise TypeError("give a registry or folders, not both")
        known = registry if registry is not None else Registry(folders)
        settings = dict(options or {})
        given = {"preset": preset, "model": model, "method": method, "engine": engine, "device": device}
        given.update({"threads": threads, "precision": precision})  # type: ignore[dict-item]
        settings.update((key, value) for key, value in given.items() if value is not None)
        library = load()
        with Options(known, settings, "upscaler") as values:
            new, free = library.enl_upscaler_new, library.enl_upscaler_free
            super().__init__(known, new, free, values._handle)

    @property
    def preset(self) -> str:
        return self._text("preset")

    @property
    def method(self) -> str:
        return self._text("method")

    @property
    def factor(self) -> float:
        return float(self._text("factor"))

    @property
    def model(self) -> str:
        return self._text("model")

    @property
    def scale(self) -> int:
        return int(self._text("scale"))

    @property
    def engine(self) -> str:
        return self._text("engine")

    @property
    def engine_version(self) -> str:
        return self._text("engine_version")

    @property
    def device(self) -> str:
        return self._text("device")

    @property
    def device_name(self) -> str:
        return self._text("device_name")

    @property
    def reason(self) -> str:
        return self._text("reason")

    @property
    def notes(self) -> list[str]:
        return self._text("notes").splitlines()

    def plan(
        self, width: int, height: int, *, rect: Optional[RectLike] = None, **options: "Unpack[RunOptions]"
    ) -> Plan:
        """What a run would do with a picture of this size. Takes microseconds; nothing runs.

        Arguments:
            width, height: of the whole source, in pixels; 1 to 1048576.
            rect: the part of the source to enlarge. All of it by default.
            **options: see RunOptions.

        Raises InvalidArgument; OutOfMemory if the run does not fit into memory; Error for a picture that is too large.
        """
        with self._options(options, width, height) as values:
            return self._plan(values, width, height, _rect(rect))

    def provenance(
        self, width: int, height: int, *, rect: Optional[RectLike] = None, **options: "Unpack[RunOptions]"
    ) -> Provenance:
        """What a result of a run with these options should say about how it was made. Nothing runs.

        Arguments: as for plan(). If a preset analysed the picture in run(), the noise level of the last such run counts.

        Raises the exceptions of plan().
        """
        width = whole_number(width, "width", 1, MAX_SIDE)
        height = whole_number(height, "height", 1, MAX_SIDE)
        part = _rect(rect)
        with self._options(options, width, height) as values:

            def text(name: str) -> str:
                function = load().enl_upscaler_provenance
                return read_text(function, self._handle, values._handle, width, height, part, name.encode())

            return Provenance(text("xmp"), text("software"), text("source_type"))

    def run(
        self,
        pixels: Buffer,
        width: int,
        height: int,
        format: Union[Format, str],
        *,
        stride: Optional[int] = None,
        rect: Optional[RectLike] = None,
        output_format: Union[Format, str, None] = None,
        out: Optional[Buffer] = None,
        progress: Optional[Callable[[Progress], Any]] = None,
        cancel: Optional[Cancel] = None,
        **options: "Unpack[RunOptions]",
    ) -> Image:
        """Enlarges pixels in memory, or restores them with a model or preset whose factor is 1.

        Arguments:
            pixels: anything with the buffer protocol: bytes, bytearray, memoryview, array.array, or NumPy arrays and
                parts of them. They are not copied. Rows go from top to bottom.
            width, height: of the whole source, in pixels; 1 to 1048576.
            format: "CHANNELS SAMPLE", see Format: "rgb u8", "bgra u16", "gray f32", "rgba u8 premultiplied".
            stride: bytes from the start of a row to the start of the next; by default rows have no padding, or the
                array's own.
            rect: the part of the source to enlarge. The result is that part of the whole result.
            output_format: of the result; the source's by default.
            out: receives the result: any writable object with the buffer protocol, of the size that plan() gives; a new
                bytearray by default. Its content is undefined after a failure.
            progress: called with a Progress at least ten times a second, on this thread. Returning False stops the run.
            cancel: a Cancel, to stop the run from another thread.
            **options: see RunOptions.

        Raises Cancelled, InvalidArgument, OutOfMemory, EngineError, ModelError, Busy, Defect. An exception in a callback,
        KeyboardInterrupt included, stops the run and is raised again here.
        """
        part = _rect(rect)
        source_format = Format.of(format)
        target_format = Format.of(output_format) if output_format is not None else source_format
        with self._options(options, width, height) as values, view(pixels, width, height, source_format, stride) as source:
            plan = self._plan(values, width, height, part)
            if out is None:
                out = _memory(plan.width * plan.height * target_format.pixel_size)
            with view(out, plan.width, plan.height, target_format, writable=True, what="out") as target:
                self._run(load().enl_upscaler_run, Callbacks(), values, source, part, cancel, progress, target)
                return Image(out, plan.width, plan.height, target_format, target.stride)

    def stream(
        self,
        read: Callable[[int, int, int], Buffer],
        write: Callable[[int, bytes], Any],
        width: int,
        height: int,
        format: Union[Format, str],
        *,
        rect: Optional[RectLike] = None,
        output_format: Union[Format, str, None] = None,
        progress: Optional[Callable[[Progress], Any]] = None,
        cancel: Optional[Cancel] = None,
        **options: "Unpack[RunOptions]",
    ) -> Plan:
        """Enlarges a picture row by row, as run() does. The memory grows with the picture's width, not with its height.

        Arguments:
            read: called as read(x, y, width); returns that many pixels of row y from column x on, as bytes or anything
                with the buffer protocol. Rows are requested from top to bottom, each at most once; x and width are the
                same during the whole run. Rows that `rect` does not need are not requested.
            write: called as write(y, row) with each row of the result once, from top to bottom, as bytes without padding.
                Returning False stops the run.
            All others: as for run().

        Returns the Plan of the run. Raises the exceptions of run(). The callbacks run on this thread.
        """
        part = _rect(rect)
        source_format = Format.of(format)
        target_format = Format.of(output_format) if output_format is not None else source_format
        callbacks = Callbacks()
        with self._options(options, width, height) as values:
            plan = self._plan(values, width, height, part)
            source = row_source(callbacks, read, width, height, source_format)
            sink = _abi.enl_sink(callbacks.write(write), None, plan.width, plan.height, target_format.number, 0)
            self._run(load().enl_upscaler_stream, callbacks, values, source, part, cancel, progress, sink)
            return plan

    def _run(
        self,
        function: Any,
        callbacks: Callbacks,
        values: Options,
        source: Any,
        rect: Optional[_abi.enl_rect],
        cancel: Optional[Cancel],
        progress: Optional[Callable[[Progress], Any]],
        target: Any,
    ) -> None:
        """enl_upscaler_run or enl_upscaler_stream, which take the same arguments."""
        token, report = cancel_handle(cancel), callbacks.progress(progress)
        call(callbacks, lambda: function(self._handle, values._handle, source, rect, token, report, None, target))

    def _plan(self, values: Options, width: int, height: int, rect: Optional[_abi.enl_rect]) -> Plan:
        width = whole_number(width, "width", 1, MAX_SIDE)
        height = whole_number(height, "height", 1, MAX_SIDE)
        plan = _abi.enl_plan()
        check(load().enl_upscaler_plan(self._handle, values._handle, width, height, rect, ctypes.byref(plan)))
        read = plan.read
        return Plan(
            plan.width,
            plan.height,
            Rect(read.x, read.y, read.width, read.height),
            plan.passes,
            plan.tile_width,
            plan.tile_height,
            plan.tiles,
            plan.network_pixels,
            plan.memory,
        )

    def _text(self, name: str) -> str:
        return read_text(load().enl_upscaler_text, self._handle, name.encode())


def _rect(rect: Optional[RectLike]) -> Optional[_abi.enl_rect]:
    """A rectangle as the library takes it."""
    if rect is None:
        return None
    if isinstance(rect, Rect):
        rect = (rect.x, rect.y, rect.width, rect.height)
    try:
        x, y, width, height = rect
    except (TypeError, ValueError):
        raise TypeError("rect must be a Rect or (x, y, width, height)") from None
    maximum = (1 << 32) - 1
    return _abi.enl_rect(
        whole_number(x, "left column", 0, maximum),
        whole_number(y, "top row", 0, maximum),
        whole_number(width, "width of the rectangle", 1, maximum),
        whole_number(height, "height of the rectangle", 1, maximum),
    )


def _memory(size: int) -> bytearray:
    """A new buffer for the result."""
    try:
        return bytearray(size)
    except (MemoryError, OverflowError):
        message = f"there is not enough memory for a result of {size >> 20} MiB; make it smaller, or use stream()"
        raise error(_abi.ENL_ERROR_MEMORY, message) from None
