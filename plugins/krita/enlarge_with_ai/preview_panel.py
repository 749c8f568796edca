"""The preview in the dialog: the small picture with the frame, the part before and after, and what belongs to them.

The work is that of `enlarger.preview`. Everything here happens on Krita's thread, a little at a time, so that Krita stays
responsive.
"""

from dataclasses import replace

from .comparison import Comparison
from .display import to_srgb
from .enlarger.comparison import models_to_compare, presets_to_compare
from .enlarger.dialog import as_sentence
from .enlarger.face_choice import left_out
from .enlarger.frame import Look, centred, frame_of, look_size, moved
from .enlarger.preview import Preview
from .enlarger.translation import _, plural
from .face_button import FaceButton
from .frame_picture import FramePicture
from .messages import safe_slot
from .preset_sheet import SIDE, PresetSheet
from .qt import QtCore, QtWidgets
from .thumbnail import thumbnail

# Milliseconds after a move of the frame until it is computed: a drag makes many moves.
DELAY = 40
# Zoom and label.
ZOOMS = (1, "&1:1"), (2, "&2:1")
SOURCE_HELP = _("Hold this button to see the pixels of the source in the preview.")
COMPARE_HELP = _("Shows the framed part with every preset, so that you can choose the best.")


class Waker(QtCore.QObject):
    """Wakes Krita's thread from the worker's. It must outlive the dialog, because a worker that is cancelled needs a moment to
    end: Qt crashes on a signal of an object that is gone.
    """

    woken = QtCore.pyqtSignal()


WAKER = Waker()


class PreviewPanel(QtCore.QObject):
    """The preview.

    Arguments:
        dialog: the window that it belongs to.
        document: Krita's Document.
        upscalers: the UpscalerCache of the dialog.

    Attributes:
        view, picture, controls: its widgets: before and after, the small picture, and the rest.
        preview: the Preview; `preview.planned`, `preview.problem` and `preview.advice` answer the last update().
        advise: whether to look for advice with the next request.

    Signals:
        answered: `preview` has changed.
        chosen: the user has chosen a Choice of the comparison.
        switched: the user leaves out a face or takes it in again: its Picture, all faces of that, and the Face.
    """

    answered = QtCore.pyqtSignal()
    chosen = QtCore.pyqtSignal(object)
    switched = QtCore.pyqtSignal(object, object, object)

    def __init__(self, dialog, document, upscalers):
        super().__init__(dialog)
        self._dialog, self._document = dialog, document
        self._target, self._settings, self._options, self._pictures = None, {}, {}, []
        self.advise, self._compared = True, []
        self._look = self._thumbnail_of = self._shown_patch = self.sheet = None
        self._wanted, self._closed = self._active(), False
        self.preview = Preview(upscalers, self._read, lambda: WAKER.woken.emit(), self._to_srgb)
        # A signal of the worker's thread arrives as an event.
        WAKER.woken.connect(self._turn, QtCore.Qt.ConnectionType.QueuedConnection)
        self.view = Comparison()
        self.picture = FramePicture()
        self.controls = self._build_controls()
        self._delay = QtCore.QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(DELAY)
        self._delay.timeout.connect(safe_slot(self._request))
        self.view.resized.connect(safe_slot(self._resized))
        self.picture.pointed.connect(safe_slot(self._point))
        self.picture.moved.connect(safe_slot(self._move))
        self.view.moved.connect(safe_slot(self._move))
        self.view.zoomed.connect(safe_slot(self.set_zoom))
        self.view.face_clicked.connect(safe_slot(self._switch))

    def _build_controls(self):
        """The layer, the zoom and the buttons, above a line that says what is going on."""
        widget = QtWidgets.QWidget()
        row = QtWidgets.QHBoxLayout()
        self.layer = QtWidgets.QComboBox()
        self.layer.setToolTip(_("The layer that the preview shows."))
        self.layer.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.setMinimumContentsLength(10)
        self.layer.activated.connect(safe_slot(self._choose_layer))
        row.addWidget(self.layer)
        self.zooms = QtWidgets.QButtonGroup(self)
        for zoom, label in ZOOMS:
            button = QtWidgets.QToolButton()
            button.setText(label)
            help = plural(
                "One pixel of the result on one pixel of the screen (key {zoom} in the preview).",
                "One pixel of the result on {zoom} × {zoom} pixels of the screen (key {zoom} in the preview).",
                zoom,
            )
            button.setToolTip(help.format(zoom=zoom))
            button.setCheckable(True)
            button.setChecked(zoom == self.view.zoom)
            self.zooms.addButton(button, zoom)
            button.clicked.connect(safe_slot(lambda *_, zoom=zoom: self.set_zoom(zoom)))
            row.addWidget(button)
        row.addStretch(1)
        self.source = self._button(_("Hold for s&ource"), SOURCE_HELP)
        self.source.pressed.connect(safe_slot(lambda: self.view.show_source(True)))
        self.source.released.connect(safe_slot(lambda: self.view.show_source(False)))
        self.compare_button = self._button(_("Compare a&ll presets…"), COMPARE_HELP)
        self.compare_button.clicked.connect(safe_slot(lambda *_: self.compare()))
        row.addWidget(self.source)
        row.addWidget(self.compare_button)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(_("Preview"))
        self.note = QtWidgets.QLabel()
        self.status = QtWidgets.QStackedWidget()
        self.status.addWidget(self.note)
        self.status.addWidget(self.bar)
        self.status.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)
        self.faces = FaceButton()
        self.faces.switched.connect(safe_slot(self._switch))
        below = QtWidgets.QHBoxLayout()
        below.addWidget(self.status, 1)
        below.addWidget(self.faces)
        column = QtWidgets.QVBoxLayout(widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addLayout(below)
        return widget

    def _button(self, label, help):
        button = QtWidgets.QPushButton(label)
        # The Return key belongs to the dialog's own button.
        button.setAutoDefault(False)
        button.setToolTip(help)
        return button

    def update(self, target, settings, options):
        """Shows what a target would become. Returns at once; `answered` follows.

        Arguments:
            settings: values by the key of their Option.
            options: the descriptions of all options for them.
        """
        self._target, self._settings, self._options = target, dict(settings), options
        self._pictures = target.pictures()
        sources = target.sources
        names = [source.name for source in sources]
        if names != [self.layer.itemText(index) for index in range(self.layer.count())]:
            self.layer.clear()
            self.layer.addItems(names)
        identifiers = [source.identifier for source in sources]
        shown = identifiers.index(self._wanted) if self._wanted in identifiers else len(sources) - 1
        self.layer.setCurrentIndex(shown)
        self.layer.setVisible(len(sources) > 1)
        self._show_source(sources[shown])
        self._request()

    def refuse(self, reason):
        """Shows why there is no preview: a sentence."""
        self._delay.stop()
        self.preview.stop()
        self.view.show_state(True, reason)
        self.status.setCurrentWidget(self.note)

    def set_zoom(self, zoom):
        """Shows a pixel of the result as a square of so many pixels of the screen."""
        self.view.zoom = zoom
        self.zooms.button(zoom).setChecked(True)
        self.view.update()
        self._resized()

    def compare(self):
        """Shows the part by every preset, and by models that the user compares with them."""
        if self._look is None or self.sheet is not None:
            return
        chosen = self._settings.get("model")
        if chosen and chosen not in self._compared:
            self._compared.append(chosen)
        choices, models = presets_to_compare(self._options, self._compared), models_to_compare(self._options)
        self.sheet = PresetSheet(self._dialog, choices, models, self._compared, self._compare_models)
        self.sheet.finished.connect(safe_slot(self._sheet_closed))
        self._delay.stop()
        self._compare_choices(choices)
        self.sheet.open()
        self._show()

    def close(self):
        """Stops everything, because the dialog or Krita ends. Does not wait."""
        self._delay.stop()
        if self.sheet is not None:
            self.sheet.reject()
        if not self._closed:
            self._closed = True
            WAKER.woken.disconnect(self._turn)
        self._target = None
        self.preview.close()

    # What the user does.

    def _choose_layer(self, index):
        self._wanted = self._target.sources[index].identifier
        self._show_source(self._target.sources[index])
        self._request()

    def _point(self, x, y):
        if self._look is not None:
            self._look_at(replace(self._look, x=x, y=y))

    def _move(self, across, down):
        if self._look is not None:
            source, result, part = self._sizes()
            frame = frame_of(self._look, source, result, part)
            self._look_at(moved(self._look, across * frame.width, down * frame.height, source, result, part))

    def _look_at(self, look):
        self._look = centred(look, *self._sizes())
        self._show_frame()
        self._delay.start()

    def _resized(self):
        if self._look is not None:
            width, height = look_size(self.view.pixels(), self.view.zoom)
            self._look_at(replace(self._look, width=width, height=height))

    def _compare_choices(self, choices):
        side = round(SIDE * self.view.devicePixelRatioF())
        self.preview.compare(choices, replace(self._look, width=side, height=side))

    def _compare_models(self, ids):
        """Compares other models with the presets."""
        self._compared = ids
        choices = presets_to_compare(self._options, ids)
        self.sheet.show_choices(choices)
        self._compare_choices(choices)

    def _sheet_closed(self, _answer):
        sheet, self.sheet = self.sheet, None
        sheet.deleteLater()
        if self._target is None:
            return
        # The comparison has cancelled what was under way.
        self._request()
        if sheet.chosen is not None:
            self.chosen.emit(sheet.chosen)

    def _switch(self, face):
        picture = self._picture_of(self.preview.patch)
        if picture is not None:
            self.switched.emit(picture, self.preview.patch.faces, face)

    # What is shown.

    def _shown(self):
        return max(self.layer.currentIndex(), 0)

    def _sizes(self):
        """The sizes of the shown picture before and after, and the part of it that is enlarged."""
        picture = self._pictures[self._shown()]
        size = picture.width, picture.height
        given = picture.settings
        return size, (given.get("width", size[0]), given.get("height", size[1])), picture.rect

    def _show_source(self, source):
        """Begins with another layer: the frame in its middle, and a new small picture."""
        what = source.identifier, source.rect
        if what == self._thumbnail_of:
            return
        self._thumbnail_of = what
        size, _, part = self._sizes()
        x, y, width, height = (part.x, part.y, part.width, part.height) if part is not None else (0, 0, *size)
        self._look = Look(x + width / 2, y + height / 2, *look_size(self.view.pixels(), self.view.zoom))
        self.picture.show_picture(None, size)
        small, ratio = self.picture.area(), self.picture.devicePixelRatioF()
        image = thumbnail(source, round(small.width() * ratio), round(small.height() * ratio))
        self.picture.show_picture(image, size)

    def _show_frame(self):
        source, result, part = self._sizes()
        self.picture.show_frame(frame_of(self._look, source, result, part), result)

    def _request(self):
        if self._target is not None and self._look is not None:
            self._delay.stop()
            self.preview.request(self._pictures, self._settings, self._look, self._shown(), self.advise)
            self._show_frame()
            self._show()

    @safe_slot
    def _turn(self):
        if self._target is not None and self.preview.step():
            self._show()

    def _show(self):
        """Shows the attributes of the Preview."""
        preview = self.preview
        if self.sheet is not None:
            self.sheet.show_cells(preview.cells, preview.progress)
        if preview.patch is not None and preview.patch is not self._shown_patch:
            self._shown_patch = preview.patch
            self.view.show_patch(self._target.as_applied(self._pictures[self._shown()], preview.patch))
        text = as_sentence(preview.problem) if preview.problem is not None else ""
        if preview.busy and preview.patch is None:
            text = _("Computing the preview…")
        self.view.show_state(preview.outdated, text)
        self._show_faces()
        level = preview.patch.level if preview.patch is not None else None
        self.note.setText("" if level is None else _("Denoise {level}, as measured in the picture").format(level=level))
        self.status.setCurrentWidget(self.bar if preview.busy and self.sheet is None else self.note)
        self.bar.setValue(int(preview.progress * 1000))
        self.bar.setFormat(f"{preview.text} (%p %)" if preview.progress else preview.text)
        self.answered.emit()

    def _show_faces(self):
        patch = self.preview.patch
        if patch is None:
            return
        # The choice is that of the last request, also before its patch has come.
        picture = self._picture_of(patch)
        out = left_out(patch.faces or (), () if picture is None else picture.faces_left_out)
        self.view.show_left_out(out)
        self.faces.show_faces(patch.faces, out)

    def _picture_of(self, patch):
        """The picture of a patch; None if the target does not enlarge it any more."""
        return next((picture for picture in self._pictures if picture.pixels_of == patch.pixels_of), None)

    # For the Preview, on Krita's thread.

    def _read(self, picture, rect):
        return self._target.read(picture, rect)

    def _to_srgb(self, picture, pixels, width, height, format):
        return to_srgb(self._target.sources[picture.key].space, pixels, width, height, format)

    def _active(self):
        node = self._document.activeNode()
        return node.uniqueId() if node is not None else None
