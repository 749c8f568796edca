"""A place for a file or a folder: a path of this machine, or a URI that PyArrow's file systems understand.

Whatever reads or writes an archive goes through here, so that a folder and a bucket are the same to the rest. A file must
never be seen under its name before it is complete.
"""

from __future__ import annotations

import errno
import functools
import os
import posixpath
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Dict, Iterator, Optional, Tuple, Union, cast
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pyarrow.fs  # type: ignore[import-untyped]

PIECE = 1 << 20
"""The bytes that are copied at once."""

# File systems whose files are renamed. With all others, a file appears when its writing ends.
_RENAMED = ("local", "hdfs")
# The options of a URI that say which server has the bucket.
_SERVER = ("blob_storage_authority", "dfs_storage_authority", "endpoint_override")
# Options of S3 that are not texts.
_TRUTHS: Dict[str, Union[bool, str]] = {"true": True, "false": False}


@dataclass(frozen=True)
class Place:
    """A file or a folder, which need not exist."""

    root: str
    """Nothing for this machine, otherwise the URI of the bucket or the server, with its options after a question mark."""
    path: str
    """An absolute path, or what comes below the root. No character in it has a special meaning."""

    @classmethod
    def of(cls, text: str) -> Place:
        """The place that a user names: a path, or a URI such as ``s3://bucket/folder?region=eu-west-1``."""
        scheme, separator, rest = text.partition("://")
        if not separator:
            return cls("", os.path.abspath(text))
        scheme = scheme.lower()
        if scheme == "file":
            return cls("", unquote(urlsplit(text).path))
        rest, mark, options = rest.partition("?")
        host, _, path = rest.partition("/")
        return cls(f"{scheme}://{host}{mark}{options}", path.strip("/"))

    def __str__(self) -> str:
        host = self.root.partition("?")[0]
        return f"{host}/{self.path}" if host else self.path

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)

    def child(self, name: str) -> Place:
        """What has this name, or this path, below the folder."""
        return Place(self.root, posixpath.join(self.path, name))

    def parent(self) -> Place:
        return Place(self.root, posixpath.dirname(self.path))

    def is_same(self, other: Place) -> bool:
        """Whether both are one place, perhaps under two names."""
        return self._identity() == other._identity()

    def contains(self, other: Place) -> bool:
        """Whether the other place is this one or lies below it."""
        (root, path), (other_root, other_path) = self._identity(), other._identity()
        return root == other_root and (other_path + "/").startswith(path.rstrip("/") + "/")

    def problem(self) -> Optional[str]:
        """Why this is no file that can be read; None if it is one."""
        kind, kinds = self._info().type, pyarrow.fs.FileType
        if kind == kinds.File:
            return None
        if kind == kinds.Directory:
            return "this is a folder; give it as an input, or list the pictures in it"
        if kind == kinds.NotFound:
            return "there is no such file or folder; check the name"
        return "this is a pipe, a device or a socket; copy what comes from it into a file"

    def size(self) -> Optional[int]:
        """The bytes of the file; None if there is no file."""
        info = self._info()
        return cast(int, info.size) if info.is_file else None

    def is_folder(self) -> bool:
        return bool(self._info().type == pyarrow.fs.FileType.Directory)

    def entries(self) -> Iterator[Tuple[str, bool]]:
        """The names in the folder, sorted, and whether each is a folder. Links to folders are left out, for they may lead
        round in circles. So are hidden entries, pipes and devices."""
        if not self.root:
            with os.scandir(self.path) as found:
                local = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in found if _listed(entry))
            yield from local
            return
        filesystem, path = self.reached()
        infos = filesystem.get_file_info(pyarrow.fs.FileSelector(path))
        names = sorted((info.base_name, not info.is_file) for info in infos)
        yield from ((name, folder) for name, folder in names if not name.startswith("."))

    def open(self) -> BinaryIO:
        """Opens the file to be read, once, from beginning to end."""
        filesystem, path = self.reached()
        return cast(BinaryIO, filesystem.open_input_stream(path))

    def put(self, file: Path, partial: Place) -> None:
        """Copies a file of this machine here. Where files can be renamed it is written in the folder `partial` first;
        elsewhere it is one object, which appears when it is complete. Replaces what is here."""
        filesystem, path = self.reached()
        if filesystem.type_name in _RENAMED:
            filesystem.move(self._write(file, partial), path)
        else:
            _copy(filesystem, file, path)
            written = self.size()
            # Closing an object that was cut short may complete it.
            if written != file.stat().st_size:
                self.remove()
                raise OSError(f"{self}: {written} bytes were kept of {file.stat().st_size}")

    def put_new(self, file: Path, partial: Place) -> bool:
        """Copies a file of this machine here unless something is here already; returns whether it was copied. Only this
        machine's own folders can be asked and written in one step: elsewhere ask before, and what comes meanwhile is
        replaced."""
        if not self.root:
            return _move_new(self._write(file, partial), self.path)
        self.put(file, partial)
        return True

    def _write(self, file: Path, partial: Place) -> str:
        """Copies a file of this machine into the folder `partial`. Returns its path, from which it can be renamed."""
        filesystem, path = self.reached()
        _, unfinished = partial.child(uuid.uuid4().hex).reached()
        filesystem.create_dir(partial.reached()[1], recursive=True)
        _copy(filesystem, file, unfinished)
        if not self.root:
            _to_disk(unfinished)
        filesystem.create_dir(posixpath.dirname(path), recursive=True)
        return unfinished

    def remove(self) -> None:
        """Removes the file. It need not exist."""
        filesystem, path = self.reached()
        if self.size() is not None:
            filesystem.delete_file(path)

    def remove_folder(self) -> None:
        """Removes the folder and what is in it. It need not exist."""
        filesystem, path = self.reached()
        if self.is_folder():
            filesystem.delete_dir(path)

    def reached(self) -> Tuple[pyarrow.fs.FileSystem, str]:
        """The file system, and the path in it."""
        filesystem, base = _filesystem(self.root)
        return filesystem, posixpath.join(base, self.path) if self.root else self.path

    def _identity(self) -> Tuple[str, str]:
        """A root and a path that are the same for all names of the place: links are followed, and of the options only those
        count that say which server it is."""
        if not self.root:
            return "", os.path.realpath(self.path)
        host, _, options = self.root.partition("?")
        return f"{host}?{urlencode(sorted(pair for pair in parse_qsl(options) if pair[0] in _SERVER))}", self.path

    def _info(self) -> pyarrow.fs.FileInfo:
        filesystem, path = self.reached()
        return filesystem.get_file_info(path)


@functools.lru_cache(maxsize=None)
def _filesystem(root: str) -> Tuple[pyarrow.fs.FileSystem, str]:
    """The file system of a root, and the root's path in it. Kept, because connecting to a bucket takes several requests."""
    if not root:
        return pyarrow.fs.LocalFileSystem(), ""
    host, mark, options = root.partition("?")
    scheme, _, bucket = host.partition("://")
    if scheme == "s3":
        chosen = {key: _TRUTHS.get(value, value) for key, value in parse_qsl(options)}
        if "region" not in chosen and "endpoint_override" not in chosen:
            chosen["region"] = pyarrow.fs.resolve_s3_region(bucket)
        # A small file is then one request instead of three.
        return pyarrow.fs.S3FileSystem(allow_delayed_open=True, **chosen), bucket
    filesystem, base = pyarrow.fs.FileSystem.from_uri(f"{host}/{mark}{options}")
    return filesystem, base


def _listed(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("."):
        return False
    if not entry.is_symlink():
        return entry.is_dir() or entry.is_file()
    # A link that points to nothing is listed, so that it becomes an error.
    return os.path.isfile(entry.path) or not os.path.exists(entry.path)


def _copy(filesystem: pyarrow.fs.FileSystem, file: Path, path: str) -> None:
    with open(file, "rb") as source, filesystem.open_output_stream(path) as to:
        shutil.copyfileobj(source, to, PIECE)


def _move_new(source: str, to: str) -> bool:
    """Renames a file unless the new name is taken. Returns whether it was free."""
    try:
        os.link(source, to)
    except OSError as error:
        if error.errno == errno.EEXIST or os.path.lexists(to):
            os.unlink(source)
            return False
        # Some file systems have no hard links. There, this check must do.
        os.rename(source, to)
    else:
        os.unlink(source)
    return True


def _to_disk(path: str) -> None:
    """Waits until a file would survive a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
