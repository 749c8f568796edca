"""The part of the result before and after, with a divider to drag; a press elsewhere shows the source instead.

Pixels of the result are shown exactly, as one pixel of the screen or as a square of several, however Qt scales the window.
"""

from .display import draw_checks, image_of
from .enlarger.divider import divider_at, divider_moved, divider_pixel, divider_taken
from .enlarger.face_outline import DASH, GAP, outline_at, outlines
from .enlarger.translation import _
from .frame_picture import frame_way
from .messages import safe_slot
from .qt import QtCore, QtGui, QtWidgets

HELP = _(
    "Left of the divider: the picture enlarged without a network (bicubic). Right of it: the result.\n"
    "Drag the divider, or press Ctrl+Left and Ctrl+Right. Hold the mouse button elsewhere, or the Space key, to see the "
    "source.\n"
    "The arrow keys move the frame; 1 and 2 choose the zoom."
)
# Its least size, in Qt's pixels.
LEAST = 420, 300
# How much of an outdated picture is left.
FADED = 0.35
# A press that ends after so many milliseconds, and so many of Qt's pixels away, is a click.
CLICK, STILL = 400, 4


class Comparison(QtWidgets.QWidget):
    """The view.

    Attributes:
        zoom: how many pixels of the screen a pixel of the result covers along its side.
        place: of the divider, from 0.0 to 1.0.

    Signals:
        resized: its size has changed.
        moved: the user wants the frame to move by these parts of its width and height.
        zoomed: the user wants this zoom.
        face_clicked: the user has clicked this Face.
    """

    resized = QtCore.pyqtSignal()
    moved = QtCore.pyqtSignal(float, float)
    zoomed = QtCore.pyqtSignal(int)
    face_clicked = QtCore.pyqtSignal(object)

    def __init__(self):
        super().__init__()
        self.setMinimumSize(*LEAST)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setToolTip(HELP)
        self.setAccessibleName(_("Before and after"))
        self.zoom, self.place = 1, 0.5
        self._images, self._size, self._faded, self._text = None, (1, 1), False, ""
        self._dragged = self._source_shown = False
        # The outlines of faces in pixels of the result, the faces that are left out, and where and when a press began.
        self._outlines, self._left_out, self._press = [], [], None

    def pixels(self):
        """The size of the view in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        return round(self.width() * ratio), round(self.height() * ratio)

    def show_patch(self, patch):
        """Shows a Patch."""
        size = patch.frame.width, patch.frame.height
        self._images = {name: image_of(getattr(patch, name), *size) for name in ("before", "after", "source")}
        self._size = size
        self._outlines = outlines(patch)
        self.update()

    def show_left_out(self, faces):
        """Shows which faces are left out."""
        if faces != self._left_out:
            self._left_out = faces
            self.update()

    def show_state(self, faded, text):
        """Shows what there is as outdated, and a text on it."""
        if (faded, text) != (self._faded, self._text):
            self._faded, self._text = faded, text
            self.update()

    def show_source(self, on):
        """Shows the source instead, until this is called again."""
        self._source_shown = on
        self.update()

    def area(self):
        """Where the picture lies in the view, as a QRectF in Qt's pixels."""
        scale = self.zoom / self.devicePixelRatioF()
        width, height = self._size[0] * scale, self._size[1] * scale
        return QtCore.QRectF(
            max(round((self.width() - width) / 2), 0), max(round((self.height() - height) / 2), 0), width, height
        )

    @safe_slot
    def paintEvent(self, _event):
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), self.palette().dark())
        if self._images is not None:
            self._paint_pictures(painter)
        if self._text:
            self._paint_text(painter, self._text, QtCore.QRectF(self.rect()), QtCore.Qt.AlignmentFlag.AlignCenter)
        if self.hasFocus():
            painter.setPen(QtGui.QPen(self.palette().highlight().color(), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_pictures(self, painter):
        area = self.area()
        painter.setClipRect(area)
        draw_checks(painter, area.toAlignedRect())
        ratio = self.devicePixelRatioF() / self.zoom
        if self._source_shown:
            self._paint_image(painter, "source", area.topLeft(), ratio, 0, self._size[0])
        else:
            middle = divider_pixel(self.place, self._size[0])
            self._paint_image(painter, "before", area.topLeft(), ratio, 0, middle)
            self._paint_image(painter, "after", area.topLeft(), ratio, middle, self._size[0])
        if self._faded:
            painter.setOpacity(1 - FADED)
            painter.fillRect(area, self.palette().window())
            painter.setOpacity(1)
        if self._source_shown:
            self._paint_text(painter, _("Source"), area, QtCore.Qt.AlignmentFlag.AlignLeft)
            return
        self._paint_outlines(painter, area.topLeft(), ratio)
        x = area.x() + self.place * area.width()
        for colour, thickness in (("#000000", 3), ("#ffffff", 1)):
            painter.setPen(QtGui.QPen(QtGui.QColor(colour), thickness))
            painter.drawLine(QtCore.QPointF(x, area.top()), QtCore.QPointF(x, area.bottom()))
        self._paint_text(painter, _("Before"), area, QtCore.Qt.AlignmentFlag.AlignLeft)
        self._paint_text(painter, _("After"), area, QtCore.Qt.AlignmentFlag.AlignRight)
        painter.setClipping(False)

    def _paint_outlines(self, painter, corner, ratio):
        """A light line in a dark one around each face; dashed if it is left out."""
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        for outline in self._outlines:
            polygon = QtGui.QPolygonF([corner + QtCore.QPointF(x, y) / ratio for x, y in outline.points])
            for colour, thickness in (("#000000", 3), ("#ffffff", 1)):
                pen = QtGui.QPen(QtGui.QColor(colour), thickness)
                if outline.face in self._left_out:
                    pen.setCapStyle(QtCore.Qt.PenCapStyle.FlatCap)
                    # Qt counts in thicknesses of the line.
                    pen.setDashPattern([DASH / thickness, GAP / thickness])
                painter.setPen(pen)
                painter.drawPolygon(polygon)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, False)

    def _paint_image(self, painter, name, corner, ratio, left, right):
        """Columns of one of the pictures. Without smoothing, a pixel becomes a square."""
        if left < right:
            target = QtCore.QRectF(
                corner.x() + left / ratio, corner.y(), (right - left) / ratio, self._size[1] / ratio
            )
            painter.drawImage(target, self._images[name], QtCore.QRectF(left, 0, right - left, self._size[1]))

    def _paint_text(self, painter, text, area, where):
        """A text on a ground of its own, so that it can be read on any picture."""
        inside = area.intersected(QtCore.QRectF(self.rect())).adjusted(13, 10, -13, -10)
        option = QtGui.QTextOption(where)
        box = painter.boundingRect(inside, text, option)
        painter.fillRect(box.adjusted(-5, -2, 5, 2), QtGui.QColor(0, 0, 0, 170))
        painter.setPen(QtGui.QColor("#ffffff"))
        painter.drawText(inside, text, option)

    @safe_slot
    def resizeEvent(self, _event):
        self.resized.emit()

    @safe_slot
    def mousePressEvent(self, event):
        if event.button() == QtCore.Qt.MouseButton.LeftButton:
            self._dragged = self._at_divider(event)
            if not self._dragged:
                self._press = event.timestamp(), event.pos()
                self.show_source(True)

    @safe_slot
    def mouseMoveEvent(self, event):
        if self._dragged:
            area = self.area()
            self._move_divider(divider_at(event.pos().x() - area.x(), area.width()))
        elif not self._source_shown:
            shape = QtCore.Qt.CursorShape
            on_face = shape.PointingHandCursor if self._outline_at(event) else shape.ArrowCursor
            self.setCursor(shape.SplitHCursor if self._at_divider(event) else on_face)

    @safe_slot
    def mouseReleaseEvent(self, event):
        """A click on a face leaves it out or takes it in again; a longer press has only shown the source."""
        press, self._press = self._press, None
        self._dragged = False
        self.show_source(False)
        if press is not None and event.timestamp() - press[0] <= CLICK:
            outline = self._outline_at(event)
            if outline is not None and (event.pos() - press[1]).manhattanLength() <= STILL:
                self.face_clicked.emit(outline.face)

    def _outline_at(self, event):
        """The outline of a face at the pointer; None if there is none."""
        area, ratio = self.area(), self.devicePixelRatioF() / self.zoom
        return outline_at(self._outlines, (event.pos().x() - area.x()) * ratio, (event.pos().y() - area.y()) * ratio)

    def _at_divider(self, event):
        area = self.area()
        return divider_taken(event.pos().x() - area.x(), self.place, area.width())

    def _move_divider(self, place):
        self.place = place
        self.update()

    @safe_slot
    def keyPressEvent(self, event):
        key, way = QtCore.Qt.Key, frame_way(event)
        if way is not None and event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier:
            self._move_divider(divider_moved(self.place, way[0] > 0 or -(way[0] < 0)))
        elif way is not None:
            self.moved.emit(*way)
        elif event.key() in (key.Key_1, key.Key_2):
            self.zoomed.emit(1 if event.key() == key.Key_1 else 2)
        elif event.key() == key.Key_Space:
            self.show_source(True)
        else:
            super().keyPressEvent(event)

    @safe_slot
    def keyReleaseEvent(self, event):
        if event.key() == QtCore.Qt.Key.Key_Space and not event.isAutoRepeat():
            self.show_source(False)
        else:
            super().keyReleaseEvent(event)
