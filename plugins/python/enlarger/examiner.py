"""What a picture is examined for before it is streamed: noise, faces, content, damage, and advice.

It only passes calls on to the library, and must never judge a picture itself.
"""

import ctypes
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from . import _abi
from ._call import Handle, check, whole_number
from ._callbacks import Callbacks, call
from ._load import load
from ._typing import Buffer
from .advice import Advice, listed
from .cancel import Cancel, cancel_handle
from .damage import Damage
from .formats import Format
from .option import Options
from .pixels import MAX_SIDE, Image, mask_image
from .registry import Registry
from .run_options import RunOptions, by_key

if TYPE_CHECKING:
    from ._typing import Unpack

# What a picture is, as the option "content" says it.
_CONTENTS = {_abi.ENL_CONTENT_PHOTO: "photo", _abi.ENL_CONTENT_DRAWING: "drawing"}

# A picture: what reads its rows, its width, its height and its format.
_Rows = tuple[Callable[[int, int, int], Buffer], int, int, Union[Format, str]]


class Examiner(Handle):
    """An upscaler, as far as it only looks at pictures."""

    def __init__(self, registry: Registry, new: Callable[..., int], free: Callable[..., Any], options: Any) -> None:
        self._registry = registry
        super().__init__(new, free, registry._handle, options)

    def measure(
        self,
        read: Callable[[int, int, int], Buffer],
        width: int,
        height: int,
        format: Union[Format, str],
        *,
        cancel: Optional[Cancel] = None,
        **options: "Unpack[RunOptions]",
    ) -> Optional[int]:
        """Analyses a picture for a preset that adapts to noise and JPEG damage. run() does so by itself; stream() cannot,
        because it reads each row only once.

        Arguments: as for stream(). Rows are read whole, from top to bottom; of more than 2080, only stripes. A picture of less than three rows cannot
        be analysed, and none of it is read.

        Returns the value for `denoise`. Returns None and reads nothing if the picture makes no difference: for other
        presets, if a model was named or `denoise` is given, or if no network runs (a factor below 1, a strength of 0).
        """
        return self._level(load().enl_upscaler_measure, (read, width, height, format), cancel, options)

    def measure_faces(
        self,
        read: Callable[[int, int, int], Buffer],
        width: int,
        height: int,
        format: Union[Format, str],
        *,
        cancel: Optional[Cancel] = None,
        **options: "Unpack[RunOptions]",
    ) -> Optional[int]:
        """As measure(), for faces, which have a noise level of their own. Needs `face_points`.

        Returns the value for `face_denoise`. Returns None and reads nothing if it makes no difference.
        """
        return self._level(load().enl_upscaler_measure_faces, (read, width, height, format), cancel, options)

    def wants_faces(self, width: int, height: int, **options: "Unpack[RunOptions]") -> bool:
        """Whether a run wants to know where the faces of a picture of this size are. run() finds them by itself; for stream(),
        find them with stream_faces() and pass `face_points` or, if there are none, `faces="off"`.
        """
        wants = ctypes.c_int32()
        with self._options(options, width, height) as values:
            check(load().enl_upscaler_wants_faces(self._handle, values._handle, width, height, ctypes.byref(wants)))
        return wants.value != 0

    def measure_content(
        self,
        read: Callable[[int, int, int], Buffer],
        width: int,
        height: int,
        format: Union[Format, str],
        *,
        cancel: Optional[Cancel] = None,
        **options: "Unpack[RunOptions]",
    ) -> Optional[str]:
        """Finds out whether a picture is a photo or a drawing, for a preset that has networks for each. run() does so by itself; stream()
        cannot, because it reads each row only once.

        Arguments: as for stream(). Rows are read whole, from top to bottom.

        Returns the value for `content`: "photo" or "drawing". Returns None and reads nothing if it makes no difference: for other
        presets, if a model was named or `content` is given, or if no network runs. Generated pictures are not recognised.
        """
        content = ctypes.c_int32()
        self._examine(load().enl_upscaler_measure_content, (read, width, height, format), cancel, options, ctypes.byref(content))
        return _CONTENTS.get(content.value)

    def find_damage(
        self,
        read: Callable[[int, int, int], Buffer],
        width: int,
        height: int,
        format: Union[Format, str],
        *,
        cancel: Optional[Cancel] = None,
        **options: "Unpack[RunOptions]",
    ) -> Optional[Damage]:
        """Finds what a run would repair in an old photograph: faded tones, scratches, hairs and dust. run() does so by itself; stream()
        cannot, because it reads each row only once.

        Arguments: as for stream(). Rows are read whole, from top to bottom. Give `face_points` first: eyes are never taken for damage.

        Returns the value for `damage`. Returns None and reads nothing if nothing would be repaired: neither the preset nor `fading` and
        `scratches` ask for it.
        """
        handle = ctypes.c_void_p()
        self._examine(load().enl_damage_find, (read, width, height, format), cancel, options, ctypes.byref(handle))
        return Damage(handle.value, width, height) if handle.value else None

    def advise(
        self,
        read: Callable[[int, int, int], Buffer],
        width: int,
        height: int,
        format: Union[Format, str],
        *,
        cancel: Optional[Cancel] = None,
        **options: "Unpack[RunOptions]",
    ) -> list[Advice]:
        """Looks at a picture and says what spoils an enlargement of it, and what to do about that. Often nothing.

        Arguments: as for stream(). Rows are read whole, from top to bottom; of more than 2080, only stripes. This takes a fraction of
        a second. No network runs.
        With a classical method there is no advice but that on memory, and nothing is read.

        Raises Cancelled, InvalidArgument, OutOfMemory, Busy. An exception in a callback is raised again here.
        """

        def new(answer: Any) -> int:
            self._examine(load().enl_advice_new, (read, width, height, format), cancel, options, answer)
            return _abi.ENL_OK

        return listed(new)

    def _level(
        self, function: Callable[..., int], picture: _Rows, cancel: Optional[Cancel], options: "RunOptions"
    ) -> Optional[int]:
        level = ctypes.c_int32()
        self._examine(function, picture, cancel, options, ctypes.byref(level))
        return level.value if level.value >= 0 else None

    def _examine(
        self, function: Callable[..., int], picture: _Rows, cancel: Optional[Cancel], options: "RunOptions", answer: Any
    ) -> None:
        """Calls a function of the library that examines a picture, and writes what it finds to `answer`, a pointer."""
        read, width, height, format = picture
        callbacks = Callbacks()
        with self._options(options, width, height) as values:
            source = row_source(callbacks, read, width, height, Format.of(format))
            token = cancel_handle(cancel)
            call(callbacks, lambda: function(self._handle, values._handle, source, token, answer))

    def _options(self, arguments: Mapping[str, Any], width: int, height: int) -> Options:
        """The options of a plan or a run of a picture of this size, in the library."""
        values = by_key(arguments)
        for key in ("mask", "scratch_mask"):
            mask = values.get(key)
            if mask is not None and not isinstance(mask, Image):
                values[key] = mask_image(mask, width, height)
        return Options(self._registry, values, "run")


def row_source(callbacks: Callbacks, read: Any, width: int, height: int, format: Format) -> _abi.enl_source:
    """The source of a picture whose rows `read` gives."""
    width = whole_number(width, "width", 1, MAX_SIDE)
    height = whole_number(height, "height", 1, MAX_SIDE)
    return _abi.enl_source(callbacks.read(read, format.pixel_size), None, width, height, format.number, 0)
