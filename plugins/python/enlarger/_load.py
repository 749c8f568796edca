"""Finds the library, checks its version and declares its functions.

The library may be beside a shim, in a prefix, or where a developer built it. The first file that exists is loaded, or the
error says why it cannot be. A file that does not work must never be skipped silently for another one.
"""

import ctypes
import os
import sys
import threading
from typing import Any, Optional

from . import _abi
from .errors import LoadError

VARIABLE = "ENLARGER_LIBRARY"


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
    tried = []
    for path in candidates():
        named = path == os.environ.get(VARIABLE)
        if named and not os.path.isabs(path):
            tried.append(f"{path}: {VARIABLE} must be an absolute path")
        elif os.path.dirname(path) and not os.path.exists(path):
            tried.append(f"{path}: there is no such file")
        else:
            library, problem = _attempt(path)
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


def _attempt(path: str) -> tuple[Any, Optional[str]]:
    """The library and None, or None and why it cannot be used."""
    try:
        library: Any = ctypes.CDLL(path)
    except OSError as error:
        return None, f"it cannot be loaded ({error})"
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
