"""What a program must offer so that a job can enlarge its pictures.

A shim consists of a menu entry, a dialog and these calls over the host's own objects. Nothing here may know which host
it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional, Protocol, Union

from ._typing import Buffer
from .formats import Format
from .pixels import Image
from .provenance import Provenance
from .upscaler import Rect


@dataclass(frozen=True)
class Picture:
    """Pixels of the host, such as a layer.

    Attributes:
        name: for people, such as the layer's name.
        width, height: in pixels.
        format: the format that read() returns and, if `output_format` is None, that write() takes.
        rect: the part to enlarge, such as the bounds of the selection; None for all of it.
        output_format: the format of the result.
        icc_profile: the ICC profile of the pixels; if it is empty, `colour_space` says what they mean.
        mask: where to use the network's result, such as the selection or a layer mask: gray pixels of the size of the whole
            picture, also with a `rect`; bytes or another buffer in the format "gray u8", or an Image of any format. White means "only
            there", unless the settings have "mask_white": "protect".
        settings: options for this picture only, which override the job's settings: for example another "width" and
            "height" for a layer that is smaller than the image.
        key: the host's own object; nothing here looks at it.
        identity: names the pixels: equal for two pictures exactly if their pixels are the same. None if key and name do that.
        faces_left_out: places in faces that are to be enlarged like the rest, as (x, y) in pixels of the picture.
    """

    name: str
    width: int
    height: int
    format: Union[Format, str]
    rect: Optional[Rect] = None
    output_format: Union[Format, str, None] = None
    icc_profile: bytes = b""
    colour_space: str = "srgb"
    settings: dict[str, Any] = field(default_factory=dict)
    key: Any = None
    mask: Union[Buffer, Image, None] = None
    identity: Any = None
    faces_left_out: tuple[tuple[float, float], ...] = ()

    @property
    def pixels_of(self) -> tuple[Any, ...]:
        """What the pixels are, to compare with those of other pictures."""
        identity = (self.key, self.name) if self.identity is None else self.identity
        return identity, self.width, self.height, str(self.format), self.icc_profile, self.colour_space


@dataclass(frozen=True)
class Result:
    """The enlarged picture: its size in pixels and its format."""

    picture: Picture
    width: int
    height: int
    format: Format


class Host(Protocol):
    """A program with pictures in it.

    All calls come on the thread that calls the job's start(), step(), run() and close(), one at a time. An exception in a
    call ends the job, and step() or run() raises it unchanged.

    Attributes:
        write_when_complete: True: write() is called only when all results are complete; they wait in memory until then.
            False: write() is called as soon as pixels are ready. It must put them where the document does not show them
            before commit().
    """

    write_when_complete: bool

    def pictures(self) -> Sequence[Picture]:
        """The pictures to enlarge, in this order. Called once, first."""

    def read(self, picture: Picture, rect: Rect) -> Buffer:
        """The pixels of a rectangle of a picture, in rows without padding.

        Called for strips of a few megabytes, from top to bottom.
        """

    def begin(self, results: Sequence[Result]) -> None:
        """Takes the sizes of all results before anything runs. Raises to refuse them. Must not change the document."""

    def write(self, result: Result, rect: Rect, pixels: bytes) -> None:
        """Takes whole rows of a result, without padding: strips from top to bottom, one result after the other."""

    def made_by(self, made: Sequence[Provenance]) -> None:
        """What made the results, one for each of the pictures, for the document's metadata. Called once, before commit()."""

    def commit(self) -> None:
        """Everything was written: shows it, as one undo step. Called once, last."""

    def abandon(self) -> None:
        """The job failed or was cancelled: leaves everything as it was before. Called last.

        Called only after begin(), also if begin(), write() or commit() failed.
        """

    def progress(self, fraction: float, text: str) -> bool:
        """Shows the progress, from 0.0 to 1.0 and never backwards, and a text. Called at least ten times a second.

        Returns False to cancel.
        """

    def message(self, text: str) -> None:
        """Shows the user a note about a job that succeeded."""
