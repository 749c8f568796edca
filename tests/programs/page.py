"""Writes the programs of a page into a folder.

    page.py PAGE FOLDER

A program is a code block in C or C++; its name is the last that the text mentions before it as `NAME`.
"""

import re
import sys
from pathlib import Path


def main():
    page, folder = Path(sys.argv[1]).read_text(encoding="utf-8"), Path(sys.argv[2])
    found = re.findall(r"as `([^`]+)`[^`]*\n```c(?:pp)?\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    if not found:
        sys.exit(f"{sys.argv[1]} has no program")
    for name, text in found:
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
