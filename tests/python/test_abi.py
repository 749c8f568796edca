"""Compares _abi.py with the header, as a C compiler and as the generator read it."""

import ctypes
import os
import re
import subprocess
import sys
import tempfile
import unittest

from enlarger import _abi

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEADER = os.path.join(ROOT, "include", "enlarger.h")
GENERATOR = os.path.join(ROOT, "capi", "header", "python.py")


def structs():
    return {
        name: kind
        for name, kind in vars(_abi).items()
        if isinstance(kind, type) and issubclass(kind, ctypes.Structure) and kind is not ctypes.Structure
    }


def generated(header):
    """The generated module for a header, or the generator's error message."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = os.path.join(folder, "enlarger.h"), os.path.join(folder, "_abi.py")
        with open(source, "w", encoding="utf-8") as file:
            file.write(header)
        done = subprocess.run([sys.executable, GENERATOR, source, made], capture_output=True, text=True)
        if done.returncode:
            return done.stderr
        with open(made, encoding="utf-8") as file:
            return file.read()


class Abi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(HEADER, encoding="utf-8") as file:
            cls.header = file.read()

    def test_sizes_offsets_and_constants_are_those_of_c(self):
        lines, here = [], {}
        # The names are read from the header independently of the generator.
        constants = re.findall(r"#define (ENL_[A-Z0-9_]+) \(?-?[0-9]", self.header)
        for name in constants:
            lines.append(f'printf("{name} %lld\\n", (long long){name});')
            here[name] = getattr(_abi, name, None)
        names = re.findall(r"^} (enl_\w+);", self.header, re.M)
        self.assertEqual(sorted(names), sorted(structs()))
        for name, kind in structs().items():
            lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
            here[name] = ctypes.sizeof(kind)
            for field, _ in kind._fields_:
                lines.append(f'printf("{name}.{field} %zu\\n", offsetof({name}, {field}));')
                lines.append(f'printf("{name}.{field}.size %zu\\n", sizeof((({name} *)0)->{field}));')
                here[f"{name}.{field}"] = getattr(kind, field).offset
                here[f"{name}.{field}.size"] = getattr(kind, field).size
        program = '#include <stdio.h>\n#include "enlarger.h"\nint main(void) {' + "".join(lines) + "}\n"
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "layout")
            gcc = ["gcc", "-Wall", "-Werror", "-I", os.path.dirname(HEADER), "-x", "c", "-", "-o", path]
            subprocess.run(gcc, input=program, text=True, check=True)
            printed = subprocess.run([path], capture_output=True, text=True, check=True).stdout
        there = {name: int(value) for name, value in (line.split() for line in printed.splitlines())}
        self.assertEqual(there, here)
        self.assertGreater(len(constants), 40)
        self.assertGreater(len(there), 100)

    def test_the_constants_are_exactly_the_headers(self):
        there = set(re.findall(r"#define (ENL_[A-Z0-9_]+) \(?-?[0-9]", self.header))
        self.assertEqual(there, {name for name in vars(_abi) if name.startswith("ENL_")})

    def test_every_function_is_declared_as_c_sees_it(self):
        code = re.sub(r"/\*.*?\*/", "", self.header, flags=re.S)
        there = {}
        for match in re.finditer(r"ENL_API\s+([^;]*?)\b(enl_\w+)\(([^;]*)\);", code):
            parameters = [] if match[3].strip() == "void" else match[3].split(",")
            there[match[2]] = (match[1].strip(), parameters)
        self.assertEqual(set(there), set(_abi.FUNCTIONS))
        self.assertGreater(len(there), 30)
        sizes = {"size_t": 8, "int32_t": 4, "uint32_t": 4, "int64_t": 8, "uint64_t": 8, "double": 8}
        for name, (result, parameters) in there.items():
            kind, kinds = _abi.FUNCTIONS[name]
            self.assertEqual(len(kinds), len(parameters), name)
            for parameter, given in zip([result + " r", *parameters], [kind, *kinds]):
                words = parameter.split()
                # Pointers and callbacks have the size of a pointer; an int in their place would truncate them.
                pointer = "*" in parameter or "callback" in parameter
                self.assertEqual(ctypes.sizeof(given), 8 if pointer else sizes[words[-2]], f"{name}: {parameter}")
                real = words[-2] == "double" and not pointer
                self.assertEqual(given in (ctypes.c_double,), real, f"{name}: {parameter}")

    def test_the_library_has_every_function(self):
        from enlarger._load import load

        for name, (result, parameters) in _abi.FUNCTIONS.items():
            function = getattr(load(), name)
            self.assertEqual((function.restype, function.argtypes), (result, parameters))

    def test_it_is_up_to_date(self):
        with open(_abi.__file__, encoding="utf-8") as file:
            self.assertEqual(generated(self.header), file.read())

    def test_the_generator_stops_at_what_it_does_not_understand(self):
        for line, words in [
            ("ENL_API int32_t enl_new(const enl_rect *rect, short x);", "the type 'short'"),
            ("ENL_API enl_rect **enl_new(void);", "the type 'enl_rect **'"),
            ("typedef union enl_u { int32_t x; } enl_u;", "typedef union"),
            ("typedef int32_t enl_status;", "typedef int32_t"),
            ("int32_t enl_new(void);", "int32_t enl_new"),
            ("ENL_API int32_t enl_new(void)", "enl_new"),
        ]:
            with self.subTest(line):
                changed = self.header.replace("#ifdef __cplusplus\n}", line + "\n#ifdef __cplusplus\n}")
                self.assertNotEqual(changed, self.header)
                said = generated(changed)
                self.assertIn(words, said)
                self.assertNotIn("FUNCTIONS", said)


if __name__ == "__main__":
    unittest.main()
