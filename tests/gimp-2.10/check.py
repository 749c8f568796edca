"""Compares the files that the cases wrote; prints differences and fails if there are any.

Pixels must equal the command's, within one level for integers and 1e-3 for floats, because both use the same core. It must
never pass if a file is missing or nothing was compared.
"""

import array
import struct
import sys

folder = sys.argv[1]
failures = []
checks = 0


class Dump:
    """A file that the probe wrote."""

    def __init__(self, name):
        with open(f"{folder}/{name}", "rb") as file:
            head = file.readline().decode().rstrip("\n").split("|")
            self.data = file.read()
        self.width, self.height, self.x, self.y = map(int, head[:4])
        self.encoding, self.image, self.layers, self.name, self.profile = head[4:]

    def samples(self):
        kind = self.encoding.split()[-1]
        if kind == "half":
            return struct.unpack(f"{len(self.data) // 2}e", self.data)
        return array.array({"u8": "B", "u16": "H", "float": "f"}[kind], self.data)


def check(what, fine, detail=""):
    global checks
    checks += 1
    if not fine:
        failures.append(f"{what}: {detail}")
        print(f"  WRONG {what}: {detail}")


def equal(what, result, expected, *fields):
    for field in fields:
        a, b = getattr(result, field), getattr(expected, field)
        check(f"{what}, {field}", a == b, f"{a}, not {b}")


def pixels(what, result, expected, most=None):
    """Checks that pixels differ by at most `most`; by default one level, or 1e-3 for floats."""
    equal(what, result, expected, "width", "height", "encoding")
    if (result.width, result.height, result.encoding) != (expected.width, expected.height, expected.encoding):
        return
    if most is None:
        most = 1e-3 if result.encoding.split()[-1] in ("half", "float") else 1
    worst = max(abs(a - b) for a, b in zip(result.samples(), expected.samples()))
    check(f"{what}, pixels", worst <= most, f"{worst} apart, at most {most} allowed")
    print(f"  {what}: {result.width}x{result.height} {result.encoding}, {worst} apart")


def same(name, encoding, profile):
    try:
        result, expected = Dump(f"{name}.result"), Dump(f"{name}.expected")
    except OSError as problem:
        return check(name, False, problem)
    pixels(name, result, expected)
    equal(name, result, expected, "x", "y", "image", "layers", "profile")
    check(f"{name}, encoding", result.encoding == encoding, f"{result.encoding}, not {encoding}")
    check(f"{name}, profile", (result.profile != "none") == profile, result.profile)


def layers():
    """The given layer equals the command's result; everything else equals GIMP's own scaling."""
    try:
        for part in ("over", "other", "mask", "own-mask", "selection"):
            result, expected = Dump(f"layers.result.{part}"), Dump(f"layers.expected.{part}")
            pixels(f"layers, {part}", result, expected, 0)
            equal(f"layers, {part}", result, expected, "x", "y", "image", "layers", "name")
        result, plain, expected = (Dump(f"layers.{name}") for name in ("result.chosen", "expected.chosen", "chosen.expected"))
        equal("layers, chosen", result, plain, "x", "y", "width", "height", "image", "name")
        pixels("layers, chosen", result, expected)
        guides = [open(f"{folder}/layers.{name}.guide").read() for name in ("result", "expected")]
        check("layers, guide", guides[0] == guides[1], str(guides))
    except OSError as problem:
        check("layers", False, problem)


def group():
    try:
        one, two = Dump("group.result.one"), Dump("group.result.two")
        pixels("group, one", one, Dump("group.one.expected"))
        pixels("group, two", two, Dump("rgb8.expected"))
        places = [(one.x, one.y, two.x, two.y, one.image, one.layers)]
        check("group, places", places == [(0, 0, 18, 8, "140x102", "2")], str(places))
    except OSError as problem:
        check("group", False, problem)


def beside():
    try:
        pixels("beside a group", Dump("beside.result"), Dump("beside.expected"), 0)
        pixels("in the group", Dump("beside.two.result"), Dump("rgb8.expected"))
    except OSError as problem:
        check("beside a group", False, problem)


def refused(name, log, *messages):
    """Nothing has changed, and GIMP printed a helpful message."""
    try:
        before, after = Dump(f"{name}.source"), Dump(f"{name}.result")
        pixels(name, after, before, 0)
        equal(name, after, before, "image", "layers")
    except OSError as problem:
        return check(name, False, problem)
    printed = open(f"{folder}/{log}", errors="replace").read()
    for message in messages:
        check(f"{name}, message", message in printed, f"GIMP did not print '{message}'")


def untouched(name):
    """Making a new image does not change the original one."""
    try:
        source = Dump(f"{name}.source")
        check(f"{name}, source", (source.image, source.width) == ("61x47", 61), source.image)
    except OSError as problem:
        check(name, False, problem)


same("rgb8", "R'G'B' u8", False)
same("crisp", "R'G'B' u8", False)
same("clean", "R'G'B' u8", False)
same("old-photo", "R'G'B' u8", False)
same("rgba8", "R'G'B'A u8", False)
untouched("rgba8")
same("gray16", "Y' u16", False)
same("float", "R'G'B' float", True)
untouched("float")
same("linear", "RGB float", True)
same("light", "RGB half", False)
same("indexed", "R'G'B' u8", False)
same("legacy-compact", "R'G'B' u8", False)
same("safe-compact", "R'G'B' u8", False)
layers()
group()
beside()
refused("model", "cases.log", "no model 'no-such-model' is installed")
refused("factor", "cases.log", "factor")
refused("options", "cases.log", "'oh' in the options does not have the form key=value; correct it")
for name, why in (("missing", "there is no such file"), ("cut", "the file is incomplete"), ("broken", "it cannot be loaded ("), ("another", "it is not libenlarger")):
    refused(name, f"{name}.log", "libenlarger could not be loaded", why, "Install Enlarger again")
printed = open(f"{folder}/cases.log", errors="replace").read()
check("indexed, message", "The indexed image is now an RGB image" in printed, "it is missing")
check("group, message", "'Text' was left to GIMP" in printed, "it is missing")
print(f"{checks} checks, {len(failures)} wrong")
sys.exit(1 if failures else 0)
