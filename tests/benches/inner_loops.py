"""Counts the instructions in the inner loops of the matrix products, in a disassembly for 64-bit Arm on standard input.

    aarch64-linux-gnu-objdump -d -C LIBRARY | python inner_loops.py

`scripts/arm count` calls it. For each kernel and instruction set it prints the innermost loops that multiply most, one for each
number of sums that a kernel can keep; `PATCHES` in `simd/` tells which of them is used. A count says nothing about speed:
processors differ in how many instructions of a kind they begin in each cycle.
"""

import re
import sys
from collections import Counter

FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$")
INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\t[0-9a-f]{8} ?\t(\S+)\s*(.*)$")
KERNEL = re.compile(r"(Float|Integer)Products")
LOADS = re.compile(r"ld(r|p|ur|1|1r)$")
# Instructions that multiply four numbers, and those that multiply one: numbers, not addresses, which have 64 bits.
MULTIPLY = {
    "Float": (re.compile(r"fm(la|ls|ul) v"), re.compile(r"f(madd|mul) s")),
    "Integer": (re.compile(r"(smlal2?|smull2?|mla|mul) v"), re.compile(r"(madd|mul) w|sm(addl|ull) x")),
}

# A loop with fewer products is not that of a whole panel.
LEAST = 16


def products(kind, mnemonic, operands):
    four, one = MULTIPLY[kind]
    text = f"{mnemonic} {operands}"
    return 4 if four.match(text) else 1 if one.match(text) else 0


def functions(lines):
    """The kernels' functions: their names, and their instructions as address, mnemonic, operands."""
    name, body = None, []
    for line in lines:
        if found := FUNCTION.match(line):
            if name:
                yield name, body
            name, body = found[1] if KERNEL.search(found[1]) else None, []
        elif name and (found := INSTRUCTION.match(line)):
            body.append((int(found[1], 16), found[2], found[3]))
    if name:
        yield name, body


def innermost_loops(body):
    """The instructions from each target of a backward branch to that branch, without those that contain another loop."""
    loops = []
    for i, (address, mnemonic, operands) in enumerate(body):
        target = re.search(r"\b([0-9a-f]+) <", operands)
        if target and re.match(r"(b\.|cbn?z|tbn?z)", mnemonic) and int(target[1], 16) <= address:
            first = next((k for k, other in enumerate(body) if other[0] == int(target[1], 16)), None)
            if first is not None:
                loops.append((first, i + 1))
    inner = [a for a in loops if not any(a != b and a[0] <= b[0] and b[1] <= a[1] for b in loops)]
    return [body[first:end] for first, end in inner]


found = 0
for name, body in functions(sys.stdin.read().splitlines()):
    kind = KERNEL.search(name)[1]
    isa = "NEON" if "neon" in name.lower() else "portable"
    for loop in sorted(innermost_loops(body), key=len, reverse=True):
        count = sum(products(kind, mnemonic, operands) for _, mnemonic, operands in loop)
        if count < LEAST:
            continue
        found += 1
        kinds = Counter(mnemonic for _, mnemonic, _ in loop)
        loads = sum(n for mnemonic, n in kinds.items() if LOADS.match(mnemonic))
        spills = sum("[sp" in operands for _, _, operands in loop)
        print(
            f"{kind} products, {isa}: {len(loop)} instructions for {count} products, {4 * len(loop) / count:.2f} for four;"
            f" {loads} loads, {spills} accesses to the stack"
        )
        print("   ", ", ".join(f"{mnemonic} {n}" for mnemonic, n in kinds.most_common()))
if not found:
    sys.exit("no matrix product was found in the disassembly")
