"""The small picture with the frame: a click or a drag moves the frame, and so do the arrow keys.

It only reports where the user wants the frame; the picture of that part is somebody else's work.
"""

from .display import draw_checks
from .enlarger.frame import fitted, from_thumbnail, on_thumbnail
from .enlarger.translation import _
from .messages import safe_slot
from .qt import QtCore, QtGui, QtWidgets

# Width and height of the place for the picture, in Qt's pixels.
BOX = 200, 132
HELP = _("Click or drag to choose the part that the preview shows. The arrow keys move it, with Shift by small steps.")
# How far an arrow key moves the frame: a part of its own side.
STEP, SMALL_STEP = 0.5, 0.05


class FramePicture(QtWidgets.QWidget):
    """The small picture.

    Signals:
        pointed: the user wants the frame around this point of the source.
        moved: the user wants the frame to move by these parts of its width and height.
    """

    pointed = QtCore.pyqtSignal(float, float)
    moved = QtCore.pyqtSignal(float, float)

    def __init__(self):
        super().__init__()
        self.setFixedHeight(BOX[1])
        self.setMinimumWidth(BOX[0])
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setCursor(QtCore.Qt.CursorShape.CrossCursor)
        self.setToolTip(HELP)
        self.setAccessibleName(_("The part that the preview shows"))
        self._image = None
        self._source = self._frame = self._result = None

    def show_picture(self, image, source):
        """Shows a QImage, or nothing for None, of a source of that size in pixels."""
        self._image, self._source = image, source
        self.update()

    def show_frame(self, frame, result):
        """Shows the frame, a Rect of the result of that size in pixels."""
        self._frame, self._result = frame, result
        self.update()

    def area(self):
        """Where the picture lies in the widget, as a QRect."""
        width, height = fitted(self._source, (self.width(), self.height())) if self._source else (1, 1)
        return QtCore.QRect((self.width() - width) // 2, (self.height() - height) // 2, width, height)

    @safe_slot
    def paintEvent(self, _event):
        painter = QtGui.QPainter(self)
        area = self.area()
        if self._image is not None:
            draw_checks(painter, area)
            painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, self._image)
        if self._frame is not None:
            left, top, width, height = on_thumbnail(self._frame, self._result, (area.width(), area.height()))
            frame = QtCore.QRectF(area.x() + left, area.y() + top, max(width, 4), max(height, 4))
            # A light line in a dark one is visible on any picture.
            for colour, thickness in (("#000000", 3), ("#ffffff", 1)):
                painter.setPen(QtGui.QPen(QtGui.QColor(colour), thickness))
                painter.drawRect(frame)
        if self.hasFocus():
            painter.setPen(QtGui.QPen(self.palette().highlight().color(), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    @safe_slot
    def mousePressEvent(self, event):
        self._point(event)

    @safe_slot
    def mouseMoveEvent(self, event):
        if event.buttons() & QtCore.Qt.MouseButton.LeftButton:
            self._point(event)

    def _point(self, event):
        if self._source is not None:
            area, place = self.area(), event.pos()
            size = area.width(), area.height()
            self.pointed.emit(*from_thumbnail(place.x() - area.x(), place.y() - area.y(), size, self._source))

    @safe_slot
    def keyPressEvent(self, event):
        way = frame_way(event)
        if way is None:
            super().keyPressEvent(event)
        else:
            self.moved.emit(*way)


def frame_way(event):
    """How far a key moves the frame, as parts of its width and height; None for another key."""
    key = QtCore.Qt.Key
    ways = {key.Key_Left: (-1, 0), key.Key_Right: (1, 0), key.Key_Up: (0, -1), key.Key_Down: (0, 1)}
    if event.key() not in ways:
        return None
    small = bool(event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier)
    across, down = ways[event.key()]
    step = SMALL_STEP if small else STEP
    return across * step, down * step
