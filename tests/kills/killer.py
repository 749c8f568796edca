"""Kills the process in which the library works for a plug-in, at a moment that a test chooses."""

import os
import signal
import threading
import time

# The kernel's name of a process has at most 15 letters.
NAME = "enlarger-worker"[:15]


def workers():
    """The processes that are workers."""
    found = set()
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/comm", encoding="utf-8", errors="replace") as file:
                if entry.isdigit() and file.read().strip() == NAME:
                    found.add(int(entry))
        except OSError:
            continue
    return found


class Killer(threading.Thread):
    """Waits for a worker and kills it so many seconds later, unless end() comes first.

    Attributes:
        killed: the processes that were killed.
        seen: whether there was a worker at all.
    """

    def __init__(self, seconds):
        super().__init__(daemon=True)
        self.killed = []
        self.seen = False
        self._seconds = seconds
        self._over = threading.Event()

    def run(self):
        while not workers():
            if self._over.wait(0.005):
                return
        self.seen = True
        if self._over.wait(self._seconds):
            return
        for process in workers():
            try:
                os.kill(process, signal.SIGKILL)
                self.killed.append(process)
            except OSError:
                continue

    def end(self):
        """Kills no more, and waits until workers that were killed are gone."""
        self._over.set()
        self.join()
        until = time.monotonic() + 5
        while set(self.killed) & workers() and time.monotonic() < until:
            time.sleep(0.01)
