"""The Qt of this Krita: PyQt5 in Krita 5, PyQt6 in Krita 6.

It must never try one and then the other: on a machine with both, that would load a second Qt into Krita's process.
"""

import pykrita

# Krita 5.2 does not have this function; it uses Qt 5.
MAJOR = int(getattr(pykrita, "qt_major_version", lambda: 5)())

if MAJOR >= 6:
    from PyQt6 import QtCore, QtGui, QtWidgets
else:
    from PyQt5 import QtCore, QtGui, QtWidgets

__all__ = ["MAJOR", "QtCore", "QtGui", "QtWidgets"]
