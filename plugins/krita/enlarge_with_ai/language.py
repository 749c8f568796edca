"""The languages of Krita's user, the preferred one first.

Krita has no function for that. Its menu Settings > Switch Application Language writes them into a file; without it, the system
decides.
"""

from .qt import QtCore


def languages():
    """Names such as "de" or "pt_BR"."""
    folder = QtCore.QStandardPaths.writableLocation(QtCore.QStandardPaths.StandardLocation.GenericConfigLocation)
    file = QtCore.QSettings(f"{folder}/klanguageoverridesrc", QtCore.QSettings.Format.IniFormat)
    chosen = file.value(f"Language/{QtCore.QCoreApplication.applicationName()}")
    # KDE writes the text as bytes.
    text = bytes(chosen).decode() if isinstance(chosen, QtCore.QByteArray) else chosen or ""
    return text.split(":") if text else QtCore.QLocale.system().uiLanguages()
