"""Finds the library, looks at its version and declares its functions.

The library may be in many places: beside a shim, in a prefix, where a developer built it. Which one was taken must
never be a surprise: the first file that exists is taken, or the error says why it cannot be.
"""

import ctypes
import os
import sys
import threading

from . import _abi
from .errors import LoadError

VARIABLE = "ENLARGER_LIBRARY"

# The library's file names carry the version of the interface.
if sys.platform == "win32":
    NAME = f"enlarger-{_abi.ENL_ABI_VERSION}.dll"
elif sys.platform == "darwin":
    NAME = f"libenlarger.{_abi.ENL_ABI_VERSION}.dylib"
else:
    NAME = f"libenlarger.so.{_abi.ENL_ABI_VERSION}"

_lock = threading.Lock()
_loaded = None


def load():
    """The library, loaded when it is first asked for: importing the package costs a host nothing.

    Looked for, in this order:

    1. where the environment variable ``ENLARGER_LIBRARY`` says, an absolute path; nowhere else then, because who
       names a file wants that file;
    2. beside the package: in its own folder, or in the one that holds it;
    3. in the prefix that the package is installed in (``PREFIX/share/enlarger/python`` and ``PREFIX/lib``);
    4. where the system looks for libraries.

    Raises LoadError, which says what was tried and why each failed. Any thread may call it.
    """
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _open()
        return _loaded


def library_path():
    """The path or the name by which the library was loaded, for those who wonder which one it is."""
    return load()._name


def version():
    """The version of the library, such as "0.1.0"."""
    return load().enl_version_string().decode()


def places():
    """The files that are tried, in their order; of the last one only the name, for the system to look for."""
    named = os.environ.get(VARIABLE)
    if named:
        return [named]
    here = os.path.dirname(os.path.abspath(__file__))
    prefix = os.path.normpath(os.path.join(here, *[os.pardir] * 4))
    folders = [here, os.path.dirname(here), os.path.join(prefix, "lib")]
    return [os.path.join(folder, NAME) for folder in folders] + [NAME]


def _open():
    tried = []
    for place in places():
        named = place == os.environ.get(VARIABLE)
        if named and not os.path.isabs(place):
            tried.append(f"{place}: not an absolute path, which {VARIABLE} must be")
        elif os.path.dirname(place) and not os.path.exists(place):
            tried.append(f"{place}: there is no such file")
        else:
            library, problem = _attempt(place)
            if library is not None:
                return library
            tried.append(f"{place}: {problem}")
            if os.path.dirname(place):
                break  # This is the one that was meant; another one would hide that it does not work.
    where = f"where {VARIABLE} says" if os.environ.get(VARIABLE) else "in any of these places"
    raise LoadError(
        f"libenlarger could not be loaded {where}:\n  "
        + "\n  ".join(tried)
        + f"\nInstall Enlarger again, or set {VARIABLE} to the absolute path of the library."
    )


def _attempt(place):
    """The library, or why it is none."""
    try:
        library = ctypes.CDLL(place)
    except OSError as error:
        return None, f"it cannot be loaded ({error})"
    try:
        library.enl_abi_version.restype = ctypes.c_uint32
        found = library.enl_abi_version()
    except AttributeError:
        return None, "it is another library: it has no function enl_abi_version"
    if found != _abi.ENL_ABI_VERSION:
        return None, (
            f"it has version {found} of the interface, and this package needs version {_abi.ENL_ABI_VERSION}; "
            "install the library and the package from one release"
        )
    try:
        for name, (result, parameters) in _abi.FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, parameters
    except AttributeError:
        return None, f"it is older than this package: it has no function {name}; install a newer library"
    return library, None
