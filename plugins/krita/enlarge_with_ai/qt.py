"""The Qt that this Krita is built with: PyQt5 in Krita 5, PyQt6 in Krita 6.

It must never try one and then the other: on a machine that has both, that loads a second Qt into Krita's process.
"""

import pykrita

# Krita 5.2 does not say it, and has Qt 5.
MAJOR = int(getattr(pykrita, "qt_major_version", lambda: 5)())

if MAJOR >= 6:
    from PyQt6 import QtCore, QtGui, QtWidgets
else:
    from PyQt5 import QtCore, QtGui, QtWidgets

__all__ = ["MAJOR", "QtCore", "QtGui", "QtWidgets"]
