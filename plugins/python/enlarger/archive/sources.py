"""The pictures of an archive: what the inputs name, one after the other.

An input is a picture, a folder with everything below it, or a manifest. No picture is opened here, and the pictures must never
be held in memory all at once: there may be ten million.
"""

from __future__ import annotations

import itertools
import os
from typing import Iterable, Iterator, List, Set, Tuple

from . import manifest, record
from .place import Place
from .settings import TABLES
from .source import Source


def sources(inputs: Iterable[str], output: Place) -> Iterator[Source]:
    """Everything that the inputs name, in the same order each time. What runs have written into the output is left out.
    Raises FileNotFoundError at once for an input that does not exist."""
    places = [_existing(text) for text in inputs]
    return itertools.chain.from_iterable(_named(place, output) for place in places)


def _existing(text: str) -> Place:
    place = Place.of(text)
    if not place.is_folder():
        problem = place.problem()
        if problem:
            raise FileNotFoundError(f"{text}: {problem}")
    return place


def _named(place: Place, output: Place) -> Iterator[Source]:
    if place.is_folder():
        return _below(place, "", output)
    if manifest.is_manifest(place):
        return manifest.listed(place)
    return iter([Source(place, place.name, named=True)])


def _below(folder: Place, path: str, output: Place) -> Iterator[Source]:
    try:
        entries = list(folder.entries())
        own = _own(folder, entries, output)
    except OSError as error:
        name = path.rstrip("/") or folder.name
        yield Source(folder, name, False, f"this folder cannot be read ({error}); allow it, and start again")
        return
    for name, is_folder in entries:
        entry, below = folder.child(name), f"{path}{name}"
        if name in own:
            continue
        if not _is_text(name):
            place = folder.child(_shown(name))
            yield Source(place, _shown(below), False, "its name is not UTF-8; rename it, or enlarge it with the command")
        elif not is_folder:
            yield Source(entry, below, named=False)
        elif not entry.is_same(output):
            yield from _below(entry, f"{below}/", output)


def _own(folder: Place, entries: List[Tuple[str, bool]], output: Place) -> Set[str]:
    """The names of what runs have written into a folder. Only a folder that is named itself can lie in the output."""
    if not output.contains(folder):
        return set()
    own = {TABLES} if folder.is_same(output) else set()
    for name, _ in entries:
        if name.endswith(record.ENDING) and _is_text(name):
            own.add(name)
            found = record.read(folder.child(name[: -len(record.ENDING)]))
            if found:
                own.add(found.result.name)
    return own


def _shown(name: str) -> str:
    return os.fsencode(name).decode(errors="backslashreplace")


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
