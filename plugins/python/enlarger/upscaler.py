"""The upscaler: a preset or a model on an engine, which turns pixels into more pixels.

Thin: it says to the library what the caller wants, and does nothing to pixels itself.
"""

import ctypes
import operator
from dataclasses import dataclass

from . import _abi
from ._call import Handle, check, failure, text, whole
from ._callbacks import Callbacks, interruptible
from ._load import load
from .cancel import Cancel
from .errors import error
from .formats import Format
from .option import Options
from .pixels import MAX_SIDE, Image, view
from .registry import Registry


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
        width, height: the size of the result, in pixels; of the rectangle's, where one is wanted.
        read: the part of the source that will be read, a Rect.
        passes: network passes one after another; 0 where resampling alone is enough.
        tile_width, tile_height: of the largest tile, halo included.
        tiles: in all passes together.
        network_pixels: what the network will see. Time grows with it.
        memory: bytes that the run is expected to take at most, the source and the result not counted.
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


class Upscaler(Handle):
    """A preset or a model on an engine, ready to run. Opening takes a fraction of a second; keep it for many pictures.

    Arguments, all optional:
        preset: what the result is to be like; an id of the option "preset". "natural" by default.
        model: an id of Registry().models; it is then what counts, and no preset.
        engine, device: ids, or "auto". One that is named is taken or refused, never replaced.
        threads: processor cores; all by default.
        precision: "auto", "exact" or "fast". Exact is 32-bit floating point, fast within 65 dB and 4/255 of that.
        folders: paths of folders with models, as Registry takes them.
        registry: a Registry to use instead of a new one.
        options: further options by key, for what a newer library may have.

    Attributes:
        preset: its id; empty where a model was named.
        factor: how many times wider and higher, where nobody says it.
        model, scale, engine, engine_version, device, device_name: what was opened, as texts. Of a preset: what the last
            plan or run took; of several models the first one's scale, engine and device.
        reason: which engine was taken, and why.
        notes: what the last plan or run did otherwise than it should, or could do better: sentences, often none.

    Raises ModelError, EngineError, InvalidArgument, OutOfMemory, LoadError.

    One upscaler does one run at a time: it raises Busy where another thread, or its own callback, uses it meanwhile.
    Different upscalers run at the same time. During a run other Python threads go on.
    """

    def __init__(
        self,
        model=None,
        engine=None,
        device=None,
        threads=None,
        precision=None,
        folders=(),
        registry=None,
        options=None,
        preset=None,
    ):
        self._registry = registry if registry is not None else Registry(folders)
        if registry is not None and folders:
            raise TypeError("give a registry or folders, not both")
        settings = dict(options or {})
        given = {"preset": preset, "model": model, "engine": engine, "device": device}
        given.update(threads=threads, precision=precision)
        settings.update((key, value) for key, value in given.items() if value is not None)
        library = load()
        with Options(self._registry, settings, "upscaler") as wanted:
            new, free = library.enl_upscaler_new, library.enl_upscaler_free
            super().__init__(new, free, self._registry._handle, wanted._handle)

    @property
    def preset(self):
        return self._text("preset")

    @property
    def factor(self):
        return float(self._text("factor"))

    @property
    def model(self):
        return self._text("model")

    @property
    def scale(self):
        return int(self._text("scale"))

    @property
    def engine(self):
        return self._text("engine")

    @property
    def engine_version(self):
        return self._text("engine_version")

    @property
    def device(self):
        return self._text("device")

    @property
    def device_name(self):
        return self._text("device_name")

    @property
    def reason(self):
        return self._text("reason")

    @property
    def notes(self):
        return self._text("notes").splitlines()

    def plan(self, width, height, *, rect=None, **wanted):
        """Says what a run would do with a picture of this size. Takes microseconds; nothing runs.

        Arguments:
            width, height: of the whole source, in pixels; 1 to 1048576.
            rect: the part of it that is wanted: a Rect, or (x, y, width, height). All by default.
            factor, target_width, target_height and the others: as run() takes them.

        Returns a Plan. Raises InvalidArgument; OutOfMemory if the run cannot be made to fit; Error for a picture too
        large.
        """
        with self._options(wanted) as options:
            return self._plan(options, width, height, _rect(rect))

    def run(
        self,
        pixels,
        width,
        height,
        format,
        *,
        stride=None,
        rect=None,
        output_format=None,
        out=None,
        progress=None,
        cancel=None,
        **wanted,
    ):
        """Enlarges pixels in memory (or restores them, with a model whose factor is 1).

        Arguments:
            pixels: anything with the buffer protocol: bytes, bytearray, memoryview, array.array, NumPy arrays and
                parts of them, which are not copied. Rows from top to bottom.
            width, height: of the whole source, in pixels; 1 to 1048576.
            format: "CHANNELS SAMPLE", see Format: "rgb u8", "bgra u16", "gray f32", "rgba u8 premultiplied".
            stride: bytes from a row to the next; by default rows follow each other without gaps, or as the array's do.
            rect: the part of the source that is wanted: a Rect, or (x, y, width, height). The result is that part of
                the whole result.
            output_format: of the result; the source's by default.
            out: where the result goes: anything writable with the buffer protocol, of the size that plan() says; a
                new bytearray by default. After a failure its content is of no meaning.
            progress: called with a Progress at least ten times a second, on this thread; stops the run by returning
                False.
            cancel: a Cancel, to stop the run from another thread.

        What is wanted, all optional:
            factor: how many times wider and higher, a number; the preset's or the model's own factor by default.
            target_width, target_height: the size of the whole result in pixels, instead of a factor; the other side
                follows where only one is given.
            colour_lock: False to let the model's colours drift.
            icc_profile: bytes of the profile that the pixels are in, source and result.
            colour_space: "srgb" or "linear_srgb", where there is no profile.
            denoise: how much noise and JPEG wear to take away, 0 to 100; -1 is what the preset thinks best.
            strength: how much of the network's work is in the result, 0 to 100; the rest is a faithful enlargement.
            noise_level: as denoise, for a model that was named, in its own unit.
            tile: the side of a tile in pixels; memory: bytes that the run may use.
            options: a dict of further options by key, for what a newer library may have.

        Returns an Image. Raises Cancelled, InvalidArgument, OutOfMemory, EngineError, ModelError, Busy, Defect. What a
        callback raises stops the run and is raised again here, KeyboardInterrupt included.
        """
        rect = _rect(rect)
        source_format = Format.of(format)
        target_format = Format.of(output_format) if output_format is not None else source_format
        with self._options(wanted) as options, view(pixels, width, height, source_format, stride) as source:
            plan = self._plan(options, width, height, rect)
            if out is None:
                out = _memory(plan.width * plan.height * target_format.pixel_size)
            with view(out, plan.width, plan.height, target_format, writable=True, what="out") as target:
                self._call(load().enl_upscaler_run, Callbacks(), options, source, rect, cancel, progress, target)
                return Image(out, plan.width, plan.height, target_format, target.stride)

    def stream(
        self,
        read,
        write,
        width,
        height,
        format,
        *,
        rect=None,
        output_format=None,
        progress=None,
        cancel=None,
        **wanted,
    ):
        """Enlarges a picture row by row, as run() does, in memory that follows its width and not its height.

        Arguments:
            read: called as read(x, y, width): gives that many pixels of row y from column x on, as bytes or anything
                with the buffer protocol. Rows are asked for from top to bottom, each at most once; x and width are
                the same in the whole run; what `rect` does not need is left out.
            write: called as write(y, row): takes a row of the result, bytes without padding, from the first to the
                last, each once. Returning False stops the run.
            All others: as run() takes them.

        Returns the Plan that was followed. Raises what run() raises. The callbacks are called on this thread.
        """
        rect = _rect(rect)
        source_format = Format.of(format)
        target_format = Format.of(output_format) if output_format is not None else source_format
        callbacks = Callbacks()
        with self._options(wanted) as options:
            plan = self._plan(options, width, height, rect)
            width, height = operator.index(width), operator.index(height)
            reader = callbacks.read(read, source_format.pixel_size)
            source = _abi.enl_source(reader, None, width, height, source_format.number, 0)
            sink = _abi.enl_sink(callbacks.write(write), None, plan.width, plan.height, target_format.number, 0)
            self._call(load().enl_upscaler_stream, callbacks, options, source, rect, cancel, progress, sink)
            return plan

    def measure(self, read, width, height, format, *, cancel=None, **wanted):
        """Looks at a picture, for a preset that goes by its wear: run() does so by itself, stream() cannot, because it
        asks for rows only once.

        Arguments: as stream() takes them. All rows are asked for, whole, from top to bottom; of a picture of less than
        three rows, which tells nothing, none.

        Returns the value for `denoise`. None where the picture does not count, and then nothing was read: another preset,
        a model that is named, `denoise` given, or no network that runs (a factor below 1, a strength of 0).
        """
        source_format = Format.of(format)
        callbacks = Callbacks()
        level = ctypes.c_int32()
        with self._options(wanted) as options:
            width, height = whole(width, "width", 1, MAX_SIDE), whole(height, "height", 1, MAX_SIDE)
            reader = callbacks.read(read, source_format.pixel_size)
            source = _abi.enl_source(reader, None, width, height, source_format.number, 0)
            stop = _handle(cancel)
            self._guarded(
                callbacks,
                lambda: load().enl_upscaler_measure(self._handle, options._handle, source, stop, ctypes.byref(level)),
            )
        return level.value if level.value >= 0 else None

    def _call(self, function, callbacks, options, source, rect, cancel, progress, target):
        """A run of either form, and what came of it."""
        stop, report = _handle(cancel), callbacks.progress(progress)
        self._guarded(
            callbacks, lambda: function(self._handle, options._handle, source, rect, stop, report, None, target)
        )

    @staticmethod
    def _guarded(callbacks, call):
        """A call that calls back, and what came of it."""
        problem = None
        with interruptible(callbacks):
            status = call()
            if status != _abi.ENL_OK:
                problem = failure(status)
        if callbacks.raised is not None:
            raise callbacks.raised
        if problem is not None:
            raise problem

    def _plan(self, options, width, height, rect):
        width = whole(width, "width", 1, MAX_SIDE)
        height = whole(height, "height", 1, MAX_SIDE)
        plan = _abi.enl_plan()
        check(load().enl_upscaler_plan(self._handle, options._handle, width, height, rect, ctypes.byref(plan)))
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

    def _options(self, wanted):
        """What is wanted of a run, in the library."""
        return Options(self._registry, _settings(**wanted), "run")

    def _text(self, name):
        return text(load().enl_upscaler_text, self._handle, name.encode())


# Arguments of a run, and the options that they are.
_ARGUMENTS = {
    "factor": "factor",
    "target_width": "width",
    "target_height": "height",
    "colour_lock": "colour_lock",
    "icc_profile": "icc_profile",
    "colour_space": "colour_space",
    "noise_level": "noise_level",
    "denoise": "denoise",
    "strength": "strength",
    "tile": "tile",
    "memory": "memory",
}


def _settings(options=None, **given):
    """The arguments of a run as options by key."""
    settings = dict(options or {})
    for name, value in given.items():
        if name not in _ARGUMENTS:
            raise TypeError(f"there is no argument '{name}'; there are: {', '.join(_ARGUMENTS)}, options")
        if value is not None:
            settings[_ARGUMENTS[name]] = value
    return settings


def _handle(cancel):
    """A cancel as the library takes it."""
    if cancel is not None and not isinstance(cancel, Cancel):
        raise TypeError(f"cancel must be a Cancel, not {type(cancel).__name__}")
    return cancel._handle if cancel is not None else None


def _rect(rect):
    """A rectangle as the library takes it."""
    if rect is None:
        return None
    if isinstance(rect, Rect):
        rect = (rect.x, rect.y, rect.width, rect.height)
    try:
        x, y, width, height = rect
    except (TypeError, ValueError):
        raise TypeError("rect must be a Rect or (x, y, width, height)") from None
    most = (1 << 32) - 1
    return _abi.enl_rect(
        whole(x, "left column", 0, most),
        whole(y, "top row", 0, most),
        whole(width, "width of the rectangle", 1, most),
        whole(height, "height of the rectangle", 1, most),
    )


def _memory(size):
    """A new buffer for the result."""
    try:
        return bytearray(size)
    except (MemoryError, OverflowError):
        sentence = f"there is no memory for a result of {size >> 20} MiB; make it smaller, or stream it"
        raise error(_abi.ENL_ERROR_MEMORY, sentence) from None
