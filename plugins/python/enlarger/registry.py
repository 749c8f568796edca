"""The registry: the models, engines and devices of this machine, and the descriptions of options.

It must never open a model; the Upscaler does that.
"""

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Callable, TypeVar, Union

from ._call import Handle, check, encode, read_text
from ._load import load
from .option import Option, Options

_Entry = TypeVar("_Entry")


@dataclass(frozen=True)
class Model:
    """An installed model. All attributes are texts.

    Attributes:
        id: the value of the option "model".
        name: for people.
        version, architecture, author, source, training_data, attribution, sha256: where it comes from.
        task: "upscale", "restore" or "face".
        mode: "faithful" or "creative".
        content: what it is for, as words separated by commas.
        scale: its native factor.
        licence, commercial: of the weights: an SPDX identifier, and "yes" or "no" for commercial use.
        known_limits: what it does badly.
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
    """An engine, which runs networks. If it is not available, `version` is empty and `problem` says why and what to do."""

    id: str
    version: str
    problem: str


@dataclass(frozen=True)
class Device:
    """A device that an engine runs on. `id` is the value of the option "device"; `name` is for people."""

    id: str
    name: str
    engine: str


class Registry(Handle):
    """The models, engines and devices of this machine at the time when it is made.

    Arguments:
        folders: paths of folders with one folder per model. They are searched before the usual ones.

    Several threads may use it at the same time.
    """

    def __init__(self, folders: Sequence[Union[str, "os.PathLike[str]"]] = ()) -> None:
        if isinstance(folders, (str, bytes, os.PathLike)):
            raise TypeError("folders must be a list of paths; put the path into a list")
        library = load()
        paths = [encode(os.fspath(folder), "a folder") for folder in folders]
        array = (ctypes.c_char_p * len(paths))(*paths)
        super().__init__(library.enl_registry_new, library.enl_registry_free, array, len(paths))

    @property
    def models(self) -> list[Model]:
        """The installed models. There is always at least one."""
        return self._list(Model, load().enl_registry_model_count, load().enl_registry_model_text)

    @property
    def engines(self) -> list[Engine]:
        """The engines that the library knows, the fastest first, including those that are not available."""
        return self._list(Engine, load().enl_registry_engine_count, load().enl_registry_engine_text)

    @property
    def devices(self) -> list[Device]:
        """The devices that the engines can use on this machine."""
        return self._list(Device, load().enl_registry_device_count, load().enl_registry_device_text)

    def options(self, **settings: Any) -> list[Option]:
        """Describes all options, in the order of a dialog.

        Arguments: values of options by key. The preset, the model and the method change the descriptions of other options.

        Raises ModelError if there is no such model, InvalidArgument if there is no such preset.
        """
        with Options(self, settings) as options:
            return [options.describe(key) for key in options.keys()]

    def _list(self, kind: Callable[..., _Entry], count_of: Any, text_of: Any) -> list[_Entry]:
        count = ctypes.c_size_t()
        check(count_of(self._handle, ctypes.byref(count)))
        properties = [name.encode() for name in kind.__dataclass_fields__]  # type: ignore[attr-defined]
        return [
            kind(*(read_text(text_of, self._handle, index, name) for name in properties))
            for index in range(count.value)
        ]
