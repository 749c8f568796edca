"""A small picture of a part of the canvas. Krita makes it within some milliseconds, however large the layer is."""

from .qt import QtCore, QtGui


def thumbnail(source, width, height):
    """A QImage of that size, transparent where the layer has no pixels.

    Arguments:
        source: a Source; its masks do not count.
    """
    node, rect = source.node, source.rect
    bounds, across, down = node.bounds(), width / rect.width, height / rect.height
    image = QtGui.QImage(width, height, QtGui.QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QtCore.Qt.GlobalColor.transparent)
    if bounds.isEmpty():
        return image
    # Krita's small picture shows the pixels that the layer has, which need not be those of the rectangle. Krita does not
    # enlarge it: a larger one would be empty beside the layer.
    wanted = max(round(bounds.width() * across), 1), max(round(bounds.height() * down), 1)
    made = min(wanted[0], bounds.width()), min(wanted[1], bounds.height())
    place = round((bounds.x() - rect.x) * across), round((bounds.y() - rect.y) * down)
    painter = QtGui.QPainter(image)
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QtCore.QRect(*place, *wanted), node.thumbnail(*made))
    painter.end()
    return image
