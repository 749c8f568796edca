"""Whether a machine can make the same results as the one that started the run."""

from __future__ import annotations

import os
import subprocess
from typing import Optional

from . import process
from .settings import Settings


def unfitness(settings: Settings) -> Optional[str]:
    """Why this machine cannot make the same results; None if it can."""
    host = os.uname().nodename
    try:
        version = process.version()
    except (OSError, subprocess.SubprocessError) as error:
        return f"{host}: {error}; install the same wheel on all machines"
    if version != settings.version:
        return f"{host} has {version}, the run was started with {settings.version}; install the same wheel on all machines"
    for file in settings.files:
        if not os.path.exists(file):
            return f"{host}: {file}: there is no such file; each machine must have the files that the options name"
    return None
