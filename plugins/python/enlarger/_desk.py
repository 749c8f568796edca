"""A desk at which one thread asks and another answers.

Hosts are used from one thread only, and the library works on another. What the worker needs of the host is asked for
here. Nobody must wait at it for ever.
"""

import queue
import threading

from . import _abi
from .errors import error


class _Request:
    def __init__(self, function, arguments):
        self.function, self.arguments = function, arguments
        self.answer = self.problem = None
        self.done = threading.Event()

    def serve(self):
        try:
            self.answer = self.function(*self.arguments)
        except BaseException as problem:
            # It comes out of the worker.
            self.problem = problem
        self.done.set()

    def wait(self):
        """Gives back what the function gave, or raises what it raised."""
        self.done.wait()
        if self.problem is not None:
            raise self.problem
        return self.answer

    def refuse(self):
        self.problem = error(_abi.ENL_CANCELLED, "the job was closed")
        self.done.set()


class Desk:
    """Requests of a worker, served by another thread.

    Arguments:
        wake: called when there is something to do, for a thread that waits elsewhere; optional.
    """

    def __init__(self, wake=None):
        self._requests = queue.SimpleQueue()
        self._wake = wake or (lambda: None)
        self._lock = threading.Lock()
        self._closed = False

    def ask(self, function, *arguments):
        """Has the other thread call the function, and gives back what it gives or raises what it raises."""
        return self.send(function, *arguments).wait()

    def send(self, function, *arguments):
        """Has the other thread call the function, and does not wait: that is what wait() of the answer is for."""
        request = _Request(function, arguments)
        with self._lock:
            if self._closed:
                request.refuse()
            else:
                self._requests.put(request)
        self._wake()
        return request

    def ring(self):
        """Lets the other thread look up, without a question."""
        self._requests.put(None)
        self._wake()

    def serve(self, wait):
        """Serves one request, or returns after that many seconds without one."""
        try:
            request = self._requests.get(wait > 0, wait if wait > 0 else None)
        except queue.Empty:
            return
        if request is not None:
            request.serve()

    def close(self):
        """Refuses what was asked for, and whatever will be."""
        with self._lock:
            self._closed = True
        while True:
            try:
                request = self._requests.get_nowait()
            except queue.Empty:
                return
            if request is not None:
                request.refuse()
