"""The command, on one picture, in a process of its own: whatever a picture does to it, the other pictures are safe."""

from __future__ import annotations

import ctypes
import json
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional

from .._command import command
from .settings import Settings

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1

# The most characters of standard error to quote.
_LAST = 500


@dataclass
class End:
    """How the command ended."""

    said: Dict[str, Any]
    """The object that the command wrote about the picture; empty if it wrote none."""
    file: Optional[Path]
    """The result."""
    error: Optional[str]


def version() -> str:
    """The version of the command of this machine, such as "enlarge 0.1.0"."""
    return subprocess.run([command(), "--version"], check=True, capture_output=True, text=True).stdout.strip()


def check(options: List[str], folder: Path) -> None:
    """Raises ValueError if the command refuses its options. Needs an empty folder."""
    picture = folder / "picture.ppm"
    picture.write_bytes(b"P6 16 16 255\n" + bytes(16 * 16 * 3))
    done = subprocess.run(
        [command(), str(picture), "-o", str(folder / "to") + "/", "--dry-run", "--json", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    found = _objects(done.stdout)
    more = [one["input"] for one in found if one.get("input", str(picture)) != str(picture)]
    if more:
        raise ValueError(f"{more[0]}: this is no option of the command; give what is to be enlarged before --output")
    # Totals come last. If they are there, the options are right, though a size may not suit so small a picture.
    if done.returncode == 2 or not found or "totals" not in found[-1]:
        said = done.stderr.decode(errors="replace").strip()
        raise ValueError(_without_prefix(said) or "with these options the command enlarges nothing; leave out what makes it so")


def enlarge(picture: Path, named: bool, folder: Path, settings: Settings) -> End:
    """Enlarges a picture, which lies alone in its folder, into another folder."""
    arguments = [
        command(),
        str(picture if named else picture.parent),
        "-o",
        str(folder) + "/",
        "--json",
        f"--threads={settings.threads}",
        f"--max-memory={settings.memory}",
        *settings.options,
    ]
    done = subprocess.run(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_die_with_parent
    )
    said = _said(done.stdout)
    result = folder / Path(said["output"]).name if said.get("output") else None
    if said.get("error"):
        return End(said, None, str(said["error"]).replace(f"{picture}: ", ""))
    if done.returncode < 0:
        return End({}, None, f"the command was ended by {_signal(-done.returncode)}; try the picture alone, with more memory")
    if not said or (done.returncode != 0 and result is not None):
        last = done.stderr.decode(errors="replace").strip()[-_LAST:]
        return End({}, None, f"the command ended with status {done.returncode}: {last}")
    return End(said, result, None)


def _said(output: bytes) -> Dict[str, Any]:
    return next((one for one in _objects(output) if "totals" not in one), {})


def _objects(output: bytes) -> List[Dict[str, Any]]:
    found = []
    for line in output.decode(errors="replace").splitlines():
        try:
            found.append(dict(json.loads(line)))
        except (TypeError, ValueError):
            continue  # A process that was ended may leave half a line.
    return found


def _without_prefix(message: str) -> str:
    return message[len("error: ") :] if message.startswith("error: ") else message


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _die_with_parent() -> None:
    """Ends the command with the worker: the picture is then enlarged elsewhere."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
