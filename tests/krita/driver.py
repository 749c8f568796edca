"""A plug-in for tests only: uses Enlarge with AI in Krita's window as a user would, and checks the outcome.

Each test is a generator. It yields what to wait for in Krita's event loop: a number of milliseconds, or a function that
returns True when the test can continue.
"""

import faulthandler
import os
import subprocess
import time
import traceback

import enlarge_with_ai
from krita import Extension, Krita

from enlarge_with_ai.qt import QtCore, QtWidgets

KRITA = Krita.instance()
FOLDER = os.environ["ENLARGER_KRITA_TESTS"]
LIMIT = 300
# Says where Krita crashed; Krita's own output does not.
CRASH = open(f"{FOLDER}/crash.log", "w", encoding="utf-8")
faulthandler.enable(CRASH)


class Driver(Extension):
    def setup(self):
        pass

    def createActions(self, window):
        # The window is not visible yet.
        QtCore.QTimer.singleShot(2000, self.begin)

    def begin(self):
        try:
            from gui import MEASUREMENTS, TESTS
            from kit import Report

            level = os.environ["ENLARGER_KRITA_LEVEL"]
            self.report = Report(level)
            self.report.say(f"Krita {KRITA.version()}, Qt {QtCore.QT_VERSION_STR}")
            self.tests = [test for test in TESTS[level] if self.report.only in test.__name__]
            self.tests += [test for test in MEASUREMENTS if self.report.only == test.__name__]
            KRITA.setBatchmode(True)
            self.next_test()
        except BaseException:
            with open(f"{FOLDER}/driver.log", "a", encoding="utf-8") as file:
                traceback.print_exc(file=file)
            os._exit(1)

    def next_test(self):
        if not self.tests:
            self.report.end()
            # Krita sometimes crashes at its end after scripted work, which is not tested here.
            os._exit(0)
        self.running = self.case(self.tests.pop(0))
        self.go_on()

    def case(self, test):
        """Runs a test, reports it, and closes what it has left open."""
        name, began, answer, problem = test.__name__.replace("_", " "), time.monotonic(), None, None
        try:
            answer = yield from test()
        except BaseException as caught:
            problem = caught

        def finished():
            if problem is not None:
                subprocess.call(["import", "-window", "root", f"{FOLDER}/failed {name}.png"])
                raise problem
            return f"{answer}, " * bool(answer) + f"{time.monotonic() - began:.1f} s"

        only, self.report.only = self.report.only, ""
        self.report.case(name, finished)
        self.report.only = only
        yield from self.tidy_up()

    def go_on(self, problem=None):
        """Runs the case to its next wait, or raises a problem in it."""
        try:
            awaited = next(self.running) if problem is None else self.running.throw(problem)
        except StopIteration:
            self.next_test()
            return
        if callable(awaited):
            self.wait(awaited, time.monotonic() + LIMIT)
        else:
            QtCore.QTimer.singleShot(int(awaited), self.go_on)

    def wait(self, condition, until):
        problem = None
        try:
            if not condition():
                if time.monotonic() < until:
                    QtCore.QTimer.singleShot(10, lambda: self.wait(condition, until))
                    return
                problem = AssertionError(f"still waiting after {LIMIT} s")
        except BaseException as caught:
            problem = caught
        self.go_on(problem)

    def tidy_up(self):
        """Closes our dialog, message boxes and documents, for the next test."""
        from gui.window import close_documents

        if enlarge_with_ai.EXTENSION._dialog is not None:
            enlarge_with_ai.EXTENSION._dialog.reject()
        for widget in QtWidgets.QApplication.topLevelWidgets():
            if isinstance(widget, QtWidgets.QMessageBox) and widget.isVisible():
                widget.done(0)
        yield from close_documents(*KRITA.documents())
        yield 200


KRITA.addExtension(Driver(KRITA))
