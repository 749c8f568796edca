"""`python -m enlarger.archive`: the arguments, the messages and the exit status of a run."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from typing import Optional, Sequence, TextIO

from .row import Row
from .run import MEMORY, PATIENCE, PICTURES_PER_TASK, run
from .totals import Totals

# Seconds between two messages about the progress.
_PAUSE = 10.0
_INTERRUPTED = 130
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs with these arguments. Returns the exit status."""
    chosen = _parser().parse_args(arguments)
    terminal = _Terminal(sys.stdout if chosen.json else None)
    try:
        # Ray writes what it has to say on standard output.
        with contextlib.redirect_stdout(sys.stderr):
            totals = run(
                chosen.inputs,
                chosen.output,
                chosen.options,
                threads=chosen.threads,
                memory=chosen.memory,
                pictures_per_task=chosen.pictures_per_task,
                patience=chosen.patience,
                address=chosen.address,
                listed=terminal.listed,
                seen=terminal.seen,
            )
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; run the same command again to resume", file=sys.stderr)
        return _INTERRUPTED
    except Exception as error:  # Ray has many kinds of errors.
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(totals.sentence(), file=sys.stderr)
    if chosen.json:
        print(json.dumps({"totals": totals.as_dict()}), flush=True)
    return totals.status


class _Terminal:
    """Messages on standard error; on standard output, JSON if it is wanted."""

    def __init__(self, output: Optional[TextIO]) -> None:
        self._json = output
        self._totals = Totals()
        self._shown = time.monotonic()

    def listed(self, files: int) -> None:
        self._totals.files = files
        print(f"{files} files to look at", file=sys.stderr)

    def seen(self, row: Row) -> None:
        self._totals.count(row)
        if self._json:
            print(row.as_json(), file=self._json, flush=True)
        for warning in row.warnings if row.status == "done" else []:
            print(f"warning: {row.source}: {warning}", file=sys.stderr)
        if row.error:
            print(f"error: {row.error}", file=sys.stderr)
        if time.monotonic() - self._shown > _PAUSE:
            self._shown = time.monotonic()
            print(f"{self._totals.counted} of {self._totals.files}: {self._totals.done} enlarged", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m enlarger.archive",
        description="Enlarges many pictures on many machines with Ray. Started again, it resumes a run that was stopped.",
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="a picture, a folder with all folders in it, or a manifest (.txt with a path or URI on each line, .csv or "
        ".parquet with a column 'uri'); a path or a URI such as s3://bucket/folder",
    )
    parser.add_argument("--output", required=True, metavar="URI", help="the folder of the results, a path or a URI")
    parser.add_argument("--address", help="the address of the Ray cluster, such as 10.0.0.1:6379 or auto")
    parser.add_argument("--threads", type=_count, default=1, metavar="N", help="cores for each picture (default: 1)")
    parser.add_argument(
        "--memory", type=_bytes, default=MEMORY, metavar="BYTES", help="memory of the command for each picture (default: 2G)"
    )
    parser.add_argument(
        "--pictures-per-task",
        type=_count,
        default=PICTURES_PER_TASK,
        metavar="N",
        help=f"pictures that a worker takes at once (default: {PICTURES_PER_TASK})",
    )
    parser.add_argument(
        "--patience",
        type=_seconds,
        default=PATIENCE,
        metavar="SECONDS",
        help=f"how long reading and writing is tried again (default: {PATIENCE:.0f})",
    )
    parser.add_argument("--json", action="store_true", help="a JSON object for each picture on standard output")
    parser.add_argument(
        "--options",
        nargs=argparse.REMAINDER,
        default=[],
        metavar="OPTION",
        help="everything that follows is given to the command, such as --options --preset crisp -s 2",
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a whole number from 1 up")
    return int(text)


def _bytes(text: str) -> int:
    number, unit = (text[:-1], _UNITS[text[-1].upper()]) if text[-1:].upper() in _UNITS else (text, 1)
    if not number.isdecimal() or int(number) < 1:
        raise argparse.ArgumentTypeError("give a whole number of bytes, optionally with K, M, G or T, such as 4G")
    return int(number) * unit


def _seconds(text: str) -> float:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("give a whole number of seconds")
    return float(text)


if __name__ == "__main__":
    sys.exit(main())
