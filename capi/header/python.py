"""Makes plugins/python/enlarger/_abi.py from include/enlarger.h; run by scripts/header.

Declarations for ctypes that somebody writes by hand drift from the header in silence, and a wrong one truncates a
pointer. So they are made from it.

It must never guess: what it does not understand stops it.
"""

import re
import sys

SCALARS = {
    "size_t": "c_size_t",
    "int32_t": "c_int32",
    "uint32_t": "c_uint32",
    "int64_t": "c_int64",
    "uint64_t": "c_uint64",
    "double": "c_double",
}

# Pointers that are not pointers to a scalar or to a struct.
POINTERS = {
    "void *": "c_void_p",
    "const void *": "c_void_p",
    "char *": "POINTER(c_char)",
    "const char *": "c_char_p",
    "const char *const *": "POINTER(c_char_p)",
}

HEAD = '''"""The C interface as ctypes sees it: constants, structs, callbacks, functions.

Made by scripts/header from include/enlarger.h; do not edit. It must never hold anything that is not in the header.
"""

from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_double,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
'''


def tidy(declaration):
    """One spelling for each type: single spaces, stars apart from the name."""
    return re.sub(r"\s*\*\s*", " *", re.sub(r"\s+", " ", declaration)).strip().replace("* *", "**")


class Header:
    """The header, taken apart."""

    def __init__(self, text):
        text = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
        self.constants = re.findall(r"^#define (ENL_\w+) +\(?(-?\d+)\)?$", text, re.M)
        code = re.sub(r'^#.*$|extern "C" \{|^\}\s*$', "", text, flags=re.M)
        self.handles, self.structs, self.callbacks, self.functions = [], [], [], []
        self.order = []
        for statement in self.statements(code):
            self.read(statement)

    @staticmethod
    def statements(code):
        """What stands between semicolons; a struct with its fields is one."""
        found, depth, start = [], 0, 0
        for i, character in enumerate(code):
            depth += {"{": 1, "}": -1}.get(character, 0)
            if character == ";" and depth == 0:
                found.append(tidy(code[start:i]))
                start = i + 1
        if code[start:].strip():
            raise SystemExit(f"no declaration: {code[start:].strip()}")
        return found

    def read(self, statement):
        if match := re.fullmatch(r"typedef struct (\w+) (\w+)", statement):
            self.handles.append(match[2])
        elif match := re.fullmatch(r"typedef struct (\w+) \{(.*)\} \1", statement):
            self.structs.append(match[1])
            fields = [self.field(field.strip()) for field in match[2].split(";") if field.strip()]
            self.order.append(("struct", match[1], fields))
        elif match := re.fullmatch(r"typedef (\w+) \(\*(\w+)\)\((.*)\)", statement.replace("( *", "(*")):
            self.callbacks.append(match[2])
            self.order.append(("callback", match[2], [self.result(match[1]), *self.parameters(match[3])]))
        elif match := re.fullmatch(r"ENL_API (.+?)(enl_\w+)\((.*)\)", statement):
            self.functions.append((match[2], self.result(match[1].strip()), self.parameters(match[3])))
        else:
            raise SystemExit(f"not understood: {statement}")

    def field(self, declaration):
        match = re.fullmatch(r"(.+?)(\w+)(?:\[(\d+)\])?", declaration)
        kind = self.type(match[1].strip())
        return match[2], f"{kind} * {match[3]}" if match[3] else kind

    def parameters(self, declarations):
        if declarations == "void":
            return []
        return [self.type(re.fullmatch(r"(.+?)\w+", one.strip())[1].strip()) for one in declarations.split(",")]

    def result(self, kind):
        return "None" if kind == "void" else self.type(kind)

    def type(self, kind):
        """The ctypes spelling of a type of C."""
        if kind in POINTERS:
            return POINTERS[kind]
        if kind in SCALARS:
            return SCALARS[kind]
        if kind in self.callbacks or kind in self.structs:
            return kind
        if match := re.fullmatch(r"(?:const )?(\w+) (\*\*?)", kind):
            name, stars = match[1], match[2]
            if name in self.handles:
                return "c_void_p" if stars == "*" else "POINTER(c_void_p)"
            if stars == "*" and name in self.structs:
                return f"POINTER({name})"
            if stars == "*" and name in SCALARS:
                return f"POINTER({SCALARS[name]})"
        raise SystemExit(f"not understood: the type '{kind}'")


def module(header):
    """The text of _abi.py."""
    out = [HEAD]
    out += [f"{name} = {value}" for name, value in header.constants]
    out += ["", "# Handles are c_void_p: " + ", ".join(header.handles) + "."]
    for kind, name, parts in header.order:
        if kind == "struct":
            out += ["", "", f"class {name}(Structure):", "    _fields_ = ["]
            out += [f'        ("{field}", {type_}),' for field, type_ in parts]
            out += ["    ]"]
        else:
            out += ["", "", f"{name} = CFUNCTYPE({', '.join(parts)})"]
    out += ["", "", "# Name: (result, parameters)", "FUNCTIONS = {"]
    for name, result, parameters in header.functions:
        line = f'    "{name}": ({result}, [{", ".join(parameters)}]),'
        if len(line) > 118:
            inner = "".join(f"\n            {parameter}," for parameter in parameters)
            line = f'    "{name}": (\n        {result},\n        [{inner}\n        ],\n    ),'
        out.append(line)
    out += ["}", ""]
    return "\n".join(out)


def main():
    if len(sys.argv) != 3:
        raise SystemExit("usage: python.py HEADER FILE")
    with open(sys.argv[1], encoding="utf-8") as file:
        header = Header(file.read())
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(module(header))


if __name__ == "__main__":
    main()
