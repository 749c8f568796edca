"""Enlarger for Python: AI image upscaling through libenlarger, with the standard library alone.

::

    import enlarger

    large = enlarger.enlarge(image, factor=2)  # a picture of Pillow or an array of NumPy

    upscaler = enlarger.Upscaler(preset="natural")
    image = upscaler.run(pixels, width, height, "rgb u8", factor=2)
    # image.data, image.width, image.height; numpy.asarray(image) is an array

`pixels` is anything with the buffer protocol. The first call that needs the library loads it; importing the package does
not. All failures are subclasses of `Error`; `Cancelled` needs no message to the user.

A plug-in for a host program implements `enlarger.host.Host`, and `enlarger.job.Job` does the rest.
"""

from . import _abi
from ._load import library_path, set_way, version, way
from .advice import Advice
from .available import AvailableModel
from .cancel import Cancel
from .damage import Damage
from .errors import (
    Busy,
    Cancelled,
    Defect,
    EngineError,
    Error,
    InvalidArgument,
    LoadError,
    ModelError,
    OutOfMemory,
    WorkerLost,
)
from .faces import Face, find_faces, stream_faces
from .formats import Format
from .log import set_log
from .option import Option
from .picture import PictureOptions, enlarge
from .pixels import Image
from .progress import Progress
from .provenance import Provenance
from .registry import Device, Engine, Model, Registry
from .run_options import RunOptions
from .upscaler import Plan, Rect, Upscaler

# The version of this package; version() is the version of the library.
__version__ = f"{_abi.ENL_VERSION // 1000000}.{_abi.ENL_VERSION // 1000 % 1000}.{_abi.ENL_VERSION % 1000}"

__all__ = [
    "Advice",
    "AvailableModel",
    "Busy",
    "Cancel",
    "Cancelled",
    "Damage",
    "Defect",
    "Device",
    "Engine",
    "EngineError",
    "Error",
    "Face",
    "Format",
    "Image",
    "InvalidArgument",
    "LoadError",
    "Model",
    "ModelError",
    "Option",
    "OutOfMemory",
    "PictureOptions",
    "Plan",
    "Progress",
    "Provenance",
    "Rect",
    "Registry",
    "RunOptions",
    "Upscaler",
    "WorkerLost",
    "enlarge",
    "find_faces",
    "library_path",
    "set_log",
    "set_way",
    "stream_faces",
    "version",
    "way",
]
