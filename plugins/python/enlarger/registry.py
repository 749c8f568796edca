"""What is installed on this machine: models, engines, devices, and the options there are.

It reports and opens nothing; that is the Upscaler's.
"""

import ctypes
import os
from dataclasses import dataclass

from ._call import Handle, check, encoded, text
from ._load import load
from .option import Options


@dataclass(frozen=True)
class Model:
    """A network that is installed. All are texts.

    Attributes:
        id: what the option "model" takes.
        name: for people.
        version, architecture, author, source, training_data, attribution, sha256: where it comes from.
        task: "upscale", "restore" or "face".
        mode: "faithful" or "creative".
        content: what it is for, words separated by commas.
        scale: its own factor.
        licence, commercial: of the weights; an SPDX identifier, and "yes" or "no".
        known_limits: what it is bad at.
        origin: where it was found.
    """

    id: str
    name: str
    version: str
    task: str
    mode: str
    content: str
    architecture: str
    scale: str
    licence: str
    commercial: str
    attribution: str
    author: str
    source: str
    training_data: str
    known_limits: str
    sha256: str
    origin: str


@dataclass(frozen=True)
class Engine:
    """What can run networks. Of one that is not here the version is empty, and `problem` says what to do about it."""

    id: str
    version: str
    problem: str


@dataclass(frozen=True)
class Device:
    """What an engine runs on. `id` is what the option "device" takes; `name` is for people."""

    id: str
    name: str
    engine: str


class Registry(Handle):
    """The models, engines and devices of this machine, as they are when it is made.

    Arguments:
        folders: paths of folders that hold a folder for each model; searched before the usual ones.

    Any threads may use it, at the same time.
    """

    def __init__(self, folders=()):
        if isinstance(folders, (str, bytes, os.PathLike)):
            raise TypeError("folders must be several paths; put the one into a list")
        library = load()
        paths = [encoded(os.fspath(folder), "a folder") for folder in folders]
        array = (ctypes.c_char_p * len(paths))(*paths)
        super().__init__(library.enl_registry_new, library.enl_registry_free, array, len(paths))

    @property
    def models(self):
        """The models, each a Model. One is always there."""
        return self._list(Model, load().enl_registry_model_count, load().enl_registry_model_text)

    @property
    def engines(self):
        """The engines that the library knows, the fastest first, each an Engine; also those that are not here."""
        return self._list(Engine, load().enl_registry_engine_count, load().enl_registry_engine_text)

    @property
    def devices(self):
        """The devices that the engines can use here, each a Device."""
        return self._list(Device, load().enl_registry_device_count, load().enl_registry_device_text)

    def options(self, **settings):
        """The options there are, each an Option, in the order of a dialog, as they are while these are set: preset and
        model change what the others say of themselves.

        Raises ModelError if there is no such model, InvalidArgument if there is no such preset.
        """
        with Options(self, settings) as options:
            return [options.describe(key) for key in options.keys()]

    def _list(self, kind, count_of, text_of):
        count = ctypes.c_size_t()
        check(count_of(self._handle, ctypes.byref(count)))
        properties = [name.encode() for name in kind.__dataclass_fields__]
        return [
            kind(*(text(text_of, self._handle, index, name) for name in properties)) for index in range(count.value)
        ]
