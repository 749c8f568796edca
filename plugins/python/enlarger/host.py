"""What a program with pictures in it must offer, so that a job can enlarge them.

This is all that a shim has to write: a menu entry, a dialog, and these calls over the host's own objects. Nothing here
knows which host it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional, Protocol, Union

from .formats import Format
from .upscaler import Rect


@dataclass(frozen=True)
class Picture:
    """Pixels of the host, such as a layer.

    Attributes:
        name: for people, such as the layer's name.
        width, height: in pixels.
        format: as read() gives it and, where `output_format` is None, as write() takes it.
        rect: the part that is wanted, such as the bounds of the selection; None for all.
        output_format: of the result.
        icc_profile: what the numbers mean, where the host knows; else `colour_space` says it.
        settings: what is wanted of this picture only, on top of the job's settings: another "width" and "height" for a
            layer that is smaller than the image, say.
        key: the host's own object; not looked at.
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


@dataclass(frozen=True)
class Result:
    """What a picture becomes: a size in pixels and a format."""

    picture: Picture
    width: int
    height: int
    format: Format


class Host(Protocol):
    """A program with pictures in it.

    Every call comes on the thread that calls the job's start(), step(), run() and close(); none while another one is
    under way. What a call raises ends the job, and comes out of step() or run() unchanged.

    Attributes:
        hold: True to get the first pixel only when all results are complete (they wait in memory meanwhile, once);
            False to get pixels as soon as they are there, to put them where the document does not see them before
            commit().
    """

    hold: bool

    def pictures(self) -> Sequence[Picture]:
        """What is to be enlarged, in this order. Called once, first."""

    def read(self, picture: Picture, rect: Rect) -> Any:
        """Pixels of a rectangle of a picture, rows without gaps, as bytes or anything with the buffer protocol.

        Comes from top to bottom, in strips of some megabytes.
        """

    def begin(self, results: Sequence[Result]) -> None:
        """All sizes are known, nothing has run yet. Raise to refuse them; change nothing in the document."""

    def write(self, result: Result, rect: Rect, pixels: bytes) -> None:
        """Takes whole rows of a result, without gaps; strips from top to bottom, one result after the other."""

    def commit(self) -> None:
        """All is written: show it, as one step to undo. Called once, last."""

    def abandon(self) -> None:
        """Something failed or was cancelled: leave everything as it was before. Called last.

        It comes after begin() was called, also if begin(), write() or commit() failed.
        """

    def progress(self, fraction: float, text: str) -> bool:
        """How far it is, from 0.0 to 1.0, never backwards, with a sentence; at least ten times a second.

        Answers False to cancel.
        """

    def message(self, text: str) -> None:
        """Something that the user should know although all went well."""
