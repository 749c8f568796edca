"""exiftool as one process: it writes the metadata of sources and reads that of results."""

import json
import subprocess
import sys


class Exiftool:
    """Collects writes, and runs them together, because exiftool takes longer to start than to write."""

    def __init__(self):
        self.lines = []

    def write(self, path, arguments):
        """Changes a file with these arguments when `run` is called."""
        self.lines += ["-q", "-overwrite_original", "-codedcharacterset=utf8", *arguments, str(path), "-execute"]

    def run(self):
        done = subprocess.run(
            ["exiftool", "-@", "-"], input="\n".join(self.lines) + "\n", text=True, capture_output=True, check=False
        )
        errors = [line for line in done.stderr.splitlines() if line.startswith("Error")]
        if errors:
            sys.exit("exiftool cannot write the sources: " + "; ".join(errors[:5]))
        self.lines = []


def read(folder):
    """The metadata of every file in a folder: by file name, a dictionary of group:tag to value."""
    done = subprocess.run(
        ["exiftool", "-json", "-G0", "-n", "-a", "-struct", str(folder)], text=True, capture_output=True, check=False
    )
    return {entry["SourceFile"].rsplit("/", 1)[-1]: entry for entry in json.loads(done.stdout or "[]")}
