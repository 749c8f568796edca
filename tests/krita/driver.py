"""A plug-in for tests only: uses Enlarge with AI in Krita's window as a user would, and checks the outcome.

Each test is a generator. It yields what to wait for in Krita's event loop: a number of milliseconds, or a function that
returns True when the test can continue.
"""

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
        test = self.tests.pop(0)
        self.name = test.__name__.replace("_", " ")
        self.running, self.began = test(), time.monotonic()
        self.go_on()

    def go_on(self):
        """Runs the test to its next wait."""
        try:
            awaited = next(self.running)
        except StopIteration as end:
            self.over(end.value)
        except BaseException as problem:
            self.over(None, problem)
        else:
            if callable(awaited):
                self.wait(awaited, time.monotonic() + LIMIT)
            else:
                QtCore.QTimer.singleShot(int(awaited), self.go_on)

    def wait(self, condition, until):
        try:
            if condition():
                self.go_on()
            elif time.monotonic() > until:
                raise AssertionError(f"still waiting after {LIMIT} s")
            else:
                QtCore.QTimer.singleShot(10, lambda: self.wait(condition, until))
        except BaseException as problem:
            self.over(None, problem)

    def over(self, answer, problem=None):
        def finished():
            if problem is not None:
                subprocess.call(["import", "-window", "root", f"{FOLDER}/failed {self.name}.png"])
                raise problem
            return f"{answer}, " * bool(answer) + f"{time.monotonic() - self.began:.1f} s"

        only, self.report.only = self.report.only, ""
        self.report.case(self.name, finished)
        self.report.only = only
        self.tidy_up()
        QtCore.QTimer.singleShot(200, self.next_test)

    def tidy_up(self):
        """Closes our dialog, message boxes and documents, for the next test."""
        if enlarge_with_ai.EXTENSION._dialog is not None:
            enlarge_with_ai.EXTENSION._dialog.reject()
        for widget in QtWidgets.QApplication.topLevelWidgets():
            if isinstance(widget, QtWidgets.QMessageBox) and widget.isVisible():
                widget.done(0)
        for document in KRITA.documents():
            document.setModified(False)
            document.close()


KRITA.addExtension(Driver(KRITA))
