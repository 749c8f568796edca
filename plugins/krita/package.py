#!/usr/bin/env python3
"""Makes the zip file that Krita imports by Tools > Scripts > Import Python Plugin from File.

    package.py LIBRARY LICENCES ZIP    LIBRARY: libenlarger as cargo builds it for Linux, Windows or macOS, with enlarger-worker
                                       and the engine library for GPUs beside it;
                                       LICENCES: a folder with the licences of all that is inside; ZIP: the file to make

It contains the plug-in, the Python binding, the translations that `scripts/translations --compile` has made, the library under
the name that the binding looks for, its worker, the engine library for GPUs, and the licences. Krita unpacks it without permissions; the library gives the
worker its own again. The same input files must always give the same bytes.
"""

import os
import stat
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NAME = "enlarge_with_ai"
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "plugins" / "python"))
from enlarger._load import file_name  # noqa: E402


def programs(library):
    """The library, its worker and its engine library for GPUs: the names that they are looked for by, and the paths."""
    platform = {".dll": "win32", ".dylib": "darwin"}.get(library.suffix, "linux")
    worker = "enlarger-worker.exe" if platform == "win32" else "enlarger-worker"
    prefix = "" if platform == "win32" else "lib"
    gpu = f"{prefix}enlarger_engine_gpu{library.suffix}"
    beside = library.resolve().parent
    return {file_name(platform): library, worker: beside / worker, gpu: beside / gpu}


def contents(library, licences):
    """The files of the zip: the name in the zip, and the path."""
    yield f"{NAME}.desktop", HERE / f"{NAME}.desktop"
    yield f"actions/{NAME}.action", HERE / "actions" / f"{NAME}.action"
    for folder, source in [(NAME, HERE / NAME), (f"{NAME}/enlarger", ROOT / "plugins" / "python" / "enlarger")]:
        for path in sorted(source.rglob("*")):
            # Krita's Python has no Ray.
            if path.is_file() and path.suffix in (".py", ".html", ".mo") and path.parent.name != "archive":
                yield f"{folder}/{path.relative_to(source).as_posix()}", path
    for path in sorted(Path(licences).rglob("*")):
        if path.is_file():
            yield f"{NAME}/licences/{path.relative_to(licences).as_posix()}", path
    for name, path in programs(Path(library)).items():
        yield f"{NAME}/enlarger/{name}", path


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    library, licences, target = sys.argv[1:]
    files = dict(contents(library, licences))
    folders = {f"{parent.as_posix()}/" for name in files for parent in Path(name).parents if parent != Path(".")}
    unfinished = f"{target}.unfinished"
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        # Krita's importer finds a plug-in by the entry of its folder.
        for name in sorted(folders):
            archive.writestr(entry(name, stat.S_IFDIR | 0o755), b"")
        for name in sorted(files):
            mode = stat.S_IFREG | (0o755 if os.path.basename(name) in programs(Path(library)) else 0o644)
            archive.writestr(entry(name, mode), files[name].read_bytes(), zipfile.ZIP_DEFLATED)
    os.replace(unfinished, target)


def entry(name, mode):
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system = 3
    info.external_attr = mode << 16 | (0x10 if name.endswith("/") else 0)
    return info


if __name__ == "__main__":
    main()
