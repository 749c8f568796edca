"""Measures how often advice is right, on labelled cases. Run by scripts/advice.

The exit status is 1 if a bar is missed: false alarms on fewer than 3 % of the pictures, and 85 % of the defects found, on
the half that no threshold was chosen with and on the held-out cases.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from case import Case
from cases import halves
from held import held

MOST_FALSE, LEAST_FOUND = 0.03, 0.85
HALVES = {"chosen": "half with which thresholds were chosen", "reported": "other half", "held": "held out"}
# Files for one call of the command.
MANY = 64


def told(program: Path, cases: list[tuple[Path, Case]]) -> dict[Path, list[dict]]:
    """The advice on each file: of `enlarge info`, or of a run where the case has options."""
    by_words: dict[tuple[str, ...], list[Path]] = {}
    for path, case in cases:
        by_words.setdefault(tuple(case.words), []).append(path)
    found = {}
    for words, paths in by_words.items():
        command = ["--dry-run", *words] if words else ["info"]
        for at in range(0, len(paths), MANY):
            part = paths[at : at + MANY]
            done = subprocess.run([program, *command, "--json", *part], capture_output=True, text=True)
            if done.returncode != 0:
                raise SystemExit(f"{program} ended with status {done.returncode}: {done.stderr}")
            objects = [json.loads(line) for line in done.stdout.splitlines()]
            found.update((Path(each["input"]), each["advice"]) for each in objects if "input" in each)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--other", type=Path, required=True)
    parser.add_argument("--held", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--enlarge", type=Path, required=True)
    parser.add_argument("--half", choices=HALVES, help="only these cases")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    cases = []
    for case in [*halves(options.pictures, options.other), *held(options.held)]:
        if options.half in (None, case.half):
            path = options.out.resolve() / f"{len(cases):03}{case.suffix}"
            path.write_bytes(case.data)
            cases.append((path, case))
    advice = told(options.enlarge.resolve(), cases)
    missed = False
    for half, title in HALVES.items():
        here = [(path, case) for path, case in cases if case.half == half]
        if not here:
            continue
        meant, found, false = Counter(), Counter(), Counter()
        pictures = 0
        for path, case in here:
            codes = {each["code"] for each in advice[path]}
            wrong = codes - case.may
            pictures += bool(wrong)
            false.update(wrong)
            if case.code:
                meant[case.code] += 1
                found[case.code] += case.code in codes
            if wrong or (case.code and case.code not in codes):
                told_codes = ", ".join(sorted(codes)) or "nothing"
                print(f"{path.name}: {case.picture}, {case.name}: meant {case.code}, told {told_codes}")
        rate, hits = pictures / len(here), sum(found.values()) / sum(meant.values())
        print(f"\n### {title}: {len(here)} pictures\n\n| code | found | false alarms |\n|---|---|---|")
        for code in sorted(meant | false):
            print(f"| `{code}` | {found[code]} of {meant[code]} | {false[code]} |")
        print(f"| all | {100 * hits:.1f} % | {pictures} pictures, {100 * rate:.1f} % |\n")
        missed |= half != "chosen" and (rate >= MOST_FALSE or hits < LEAST_FOUND)
    sys.exit(1 if missed else 0)


main()
