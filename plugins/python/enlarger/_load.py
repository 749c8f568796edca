"""Finds the library, checks its version and declares its functions.

The library may be beside a shim, in a prefix, or where a developer built it. The first file that exists is used, or the
error says why it cannot be. A file that does not work must never be skipped silently for another one.

There are two ways to use it: loaded into this process, or in a worker, a process of its own. A file that this process cannot load,
as the signature of a program may forbid, is used in a worker.
"""

import ctypes
import os
import sys
import threading
from typing import Any, Optional

from . import _abi
from .errors import LoadError, invalid

VARIABLE = "ENLARGER_LIBRARY"

# Says which way the library is used: "library" or "worker". Otherwise it is loaded if that is possible.
WAY_VARIABLE = "ENLARGER_WAY"
WAYS = ("library", "worker")


def file_name(platform: str) -> str:
    """The name of the library's file on a platform, as in ``sys.platform``. It carries the version of the interface."""
    if platform == "win32":
        return f"enlarger-{_abi.ENL_ABI_VERSION}.dll"
    if platform == "darwin":
        return f"libenlarger.{_abi.ENL_ABI_VERSION}.dylib"
    return f"libenlarger.so.{_abi.ENL_ABI_VERSION}"


NAME = file_name(sys.platform)
_lock = threading.Lock()
_loaded: Any = None
_wanted: Optional[str] = None


def load() -> Any:
    """The library. It is loaded by the first call, so that importing the package costs a host nothing.

    It is looked for in this order:

    1. the environment variable ``ENLARGER_LIBRARY``, an absolute path; if it is set, no other place is tried;
    2. beside the package: in its folder, or in the folder that contains it;
    3. the prefix that the package is installed in (the package in ``PREFIX/share/enlarger/python``, the library in
       ``PREFIX/lib``; on Windows in ``PREFIX/bin``, where DLLs belong);
    4. the places where the system looks for libraries.

    Raises LoadError, which names each file that was tried and why it failed. Any thread.
    """
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _open()
        return _loaded


def library_path() -> str:
    """The path or the name by which the library was loaded. Raises LoadError."""
    path: str = load()._name
    return path


def version() -> str:
    """The version of the library, such as "0.1.0". Raises LoadError."""
    text: bytes = load().enl_version_string()
    return text.decode()


def way() -> str:
    """How the library is used: "library" if it is loaded into this process, "worker" if it works in a process of its own. Raises LoadError."""
    return "library" if isinstance(load(), ctypes.CDLL) else "worker"


def set_way(way: str) -> None:
    """Sets how the library will be used, before anything uses it: "library" to load it into this process, "worker" to let it work in
    a process of its own, which costs a little time and keeps a crash away from this one. By default the environment variable
    ``ENLARGER_WAY`` decides. Without that, the library is loaded, or works in a worker if it cannot be loaded.

    Raises InvalidArgument for another text, or if the library is used already in the other way.
    """
    global _wanted
    if way not in WAYS:
        raise invalid(f"'{way}' is no way to use the library; the ways are: {', '.join(WAYS)}")
    with _lock:
        if _loaded is not None and isinstance(_loaded, ctypes.CDLL) != (way == "library"):
            raise invalid("the library is in use already; call set_way() before anything else of the package")
        _wanted = way


def is_lost(value: int) -> bool:
    """Whether the object of a handle has ended with its worker."""
    library = _loaded
    return library is not None and not isinstance(library, ctypes.CDLL) and library.lost(value)


def candidates() -> list[str]:
    """The files to try, in this order. The last one is a name only, for the system to look for."""
    named = os.environ.get(VARIABLE)
    if named:
        return [named]
    here = os.path.dirname(os.path.abspath(__file__))
    prefix = os.path.normpath(os.path.join(here, *[os.pardir] * 4))
    folders = [here, os.path.dirname(here), os.path.join(prefix, "bin" if sys.platform == "win32" else "lib")]
    return [os.path.join(folder, NAME) for folder in folders] + [NAME]


def _open() -> Any:
    wanted = _wanted or os.environ.get(WAY_VARIABLE) or None
    if wanted is not None and wanted not in WAYS:
        raise LoadError(f"{WAY_VARIABLE} is '{wanted}'; set it to one of: {', '.join(WAYS)}")
    tried = []
    for path in candidates():
        named = path == os.environ.get(VARIABLE)
        if named and not os.path.isabs(path):
            tried.append(f"{path}: {VARIABLE} must be an absolute path")
        elif os.path.dirname(path) and not os.path.exists(path):
            tried.append(f"{path}: there is no such file")
        else:
            library, problem = _work(path) if wanted == "worker" else _attempt(path, wanted is None)
            if library is not None:
                return library
            tried.append(f"{path}: {problem}")
            if os.path.dirname(path):
                break  # This file was meant to be loaded; trying others would hide that it does not work.
    where = f"from {VARIABLE}" if os.environ.get(VARIABLE) else "from any of these places"
    raise LoadError(
        f"libenlarger could not be loaded {where}:\n  "
        + "\n  ".join(tried)
        + f"\nInstall Enlarger again, or set {VARIABLE} to the absolute path of the library."
    )


def _work(path: str) -> tuple[Any, Optional[str]]:
    """The library in a worker and None, or None and why there is no worker."""
    # Needed by few hosts only.
    from ._worker import program
    from ._worker.library import Library

    try:
        file = program.find(path)
        if file is None:
            return None, f"there is no {program.NAME} for it, in which it would work"
        return Library(file, path), None
    except LoadError as error:
        return None, f"it cannot be loaded by a worker: {error}"


def _attempt(path: str, may_work: bool) -> tuple[Any, Optional[str]]:
    """The library and None, or None and why it cannot be used. If this process cannot load a file that is there, it may work in a worker."""
    try:
        library: Any = ctypes.CDLL(path)
    except OSError as error:
        worker, problem = _work(path) if may_work and os.path.dirname(path) else (None, None)
        return worker, f"it cannot be loaded ({error})" + (f", and {problem}" if problem else "")
    try:
        library.enl_abi_version.restype = ctypes.c_uint32
        found = library.enl_abi_version()
    except AttributeError:
        return None, "it is not libenlarger: it has no function enl_abi_version"
    if found != _abi.ENL_ABI_VERSION:
        return None, (
            f"its interface has version {found}, but this package needs version {_abi.ENL_ABI_VERSION}; "
            "install the library and the package from the same release"
        )
    try:
        for name, (result, parameters) in _abi.FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, parameters
    except AttributeError:
        return None, f"it is older than this package: it has no function {name}; install a newer library"
    return library, None
