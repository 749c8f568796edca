"""The preview of the dialog: the picture small with a frame, and the frame before and after.

It puts an `enlarger.preview.Preview` on GIMP's layers and on widgets. The logic is there; nothing here may compute a pixel, or
wait for one while the dialog is open.
"""

from dataclasses import replace

from gi.repository import GLib, Gtk, Pango

from enlarger.comparison import models_to_compare, presets_to_compare
from enlarger.dialog import as_sentence
from enlarger.face_choice import left_out
from enlarger.frame import Look, centred, frame_of, look_size, moved
from enlarger.preview import Preview
from enlarger.translation import _, plural

from .compare_view import HELP, CompareView
from .face_button import FaceButton
from .preset_sheet import HEIGHT, WIDTH, PresetSheet
from .screen_colour import to_srgb
from .thumbnail import Thumbnail

# Milliseconds that the frame must rest before its patch is computed, and after which progress is worth showing.
REST, LATE = 60, 300
# Seconds that a large model may take to open, which cannot be cancelled.
LONGEST = 30


class PreviewPane(Gtk.Box):
    """The widgets.

    Arguments:
        window: the dialog.
        upscalers: its UpscalerCache.
        changed: called without arguments when `planned` or `problem` may have changed.
        choose: called with the settings of a preset that the user chose by its picture; None removes a setting.
        switch_face: called with a layer, all its faces, and the one that the user leaves out or takes in again.

    Attributes:
        advise: whether to look for advice with the next request.
    """

    def __init__(self, window, upscalers, changed, choose, switch_face):
        super().__init__(spacing=12)
        self._window, self._changed, self._choose_preset, self._switch_face = window, changed, choose, switch_face
        self.preview = Preview(upscalers, self._read, wake=self._wake, to_srgb=to_srgb)
        self._upscalers = upscalers
        self.advise = True
        self._target, self._pictures, self._settings, self._options = None, [], {}, {}
        self._layer, self._listed, self._centres, self._zoom = None, None, {}, 1
        self._shown, self._greyed = (None, 1), False
        self._sheet, self._timer, self._late, self._closed = None, None, None, False
        self._compared = []
        self.thumbnail = Thumbnail(self._look_at, self._move)
        self.view = CompareView(self._move, self._choose_zoom, self._switch)
        self.faces = FaceButton(self._switch)
        self.layers = Gtk.ComboBoxText(no_show_all=True, tooltip_text=_("The layer that the preview shows"))
        self.layers.connect("changed", lambda combo: self._choose_layer(combo.get_active_id()))
        self.zooms = self._zoom_buttons()
        self.compare = Gtk.Button(
            label=_("Compare a_ll presets"),
            use_underline=True,
            tooltip_text=_("Shows the framed part with every preset, so that you can choose the best"),
        )
        self.compare.connect("clicked", lambda _: self._compare())
        self.text = Gtk.Label(xalign=0, wrap=True, wrap_mode=Pango.WrapMode.WORD_CHAR, max_width_chars=24)
        self.bar = Gtk.ProgressBar(opacity=0.0)
        self.bar.get_accessible().set_name(_("Progress of the preview"))
        self._arrange()
        self.view.connect("notify::scale-factor", lambda *_: self._request())

    def _zoom_buttons(self):
        first, buttons = None, []
        for zoom in (1, 2):
            button = Gtk.RadioButton.new_with_label_from_widget(first, f"{zoom}:1")
            first = first or button
            button.set_mode(False)
            help = plural(
                "Shows one pixel of the result on one pixel of the screen (key {zoom} in the preview)",
                "Shows one pixel of the result on {zoom} × {zoom} pixels of the screen (key {zoom} in the preview)",
                zoom,
            )
            button.set_tooltip_text(help.format(zoom=zoom))
            button.connect("toggled", lambda button, zoom=zoom: button.get_active() and self._choose_zoom(zoom))
            buttons.append(button)
        return buttons

    def _arrange(self):
        zooms = Gtk.Box(homogeneous=True)
        zooms.get_style_context().add_class("linked")
        for button in self.zooms:
            zooms.pack_start(button, True, True, 0)
        left = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        for widget in (self.thumbnail, self.layers, zooms, self.compare, self.faces, self.text):
            left.pack_start(widget, False, False, 0)
        captions = Gtk.Box(tooltip_text=HELP)
        hint = Gtk.Label(label=_("Drag the line; hold to see the source"))
        hint.get_style_context().add_class("dim-label")
        captions.pack_start(Gtk.Label(label=_("Before")), False, False, 0)
        captions.set_center_widget(hint)
        captions.pack_end(Gtk.Label(label=_("After")), False, False, 0)
        right = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        for widget in (captions, self.view, self.bar):
            right.pack_start(widget, False, False, 0)
        self.pack_start(left, False, False, 0)
        self.pack_start(right, False, False, 0)

    # What the dialog calls.

    def request(self, target, pictures, settings, options):
        """Shows what a job with this target and these settings would make."""
        self._target, self._pictures, self._settings, self._options = target, pictures, settings, options
        self._list_layers()
        self._request()

    def stop(self):
        """Computes nothing more until the next request: the settings cannot be used. What is shown is greyed."""
        self.preview.stop()
        self.preview.outdated = True
        self._show()

    def close(self):
        """Ends the preview. What still runs ends by itself."""
        self._closed = True
        for timer in (self._timer, self._late):
            if timer:
                GLib.source_remove(timer)
        self._timer = self._late = None
        self.preview.close()

    def wait(self):
        """Waits after close() until what still ran has ended, because this process ends soon."""
        self.preview.wait(LONGEST)

    # Between the worker's thread and GTK.

    def _wake(self):
        GLib.idle_add(self._step)

    def _step(self):
        if not self._closed and self.preview.step():
            self._show()
            self._changed()
        return False

    def _read(self, picture, rect):
        return self._target.read(picture, rect)

    # The look.

    def _index(self):
        return next((i for i, picture in enumerate(self._pictures) if picture.key is self._layer), 0)

    def _picture(self):
        return self._pictures[self._index()] if self._pictures else None

    def _look(self, view=None, zoom=None):
        picture = self._picture()
        middle = picture.width / 2, picture.height / 2
        if picture.rect is not None:
            middle = picture.rect.x + picture.rect.width / 2, picture.rect.y + picture.rect.height / 2
        centre = self._centres.get(picture.key.get_id(), middle)
        return Look(*centre, *look_size(view or self.view.pixels(), zoom or self._zoom))

    def _place(self):
        """The arguments of the functions of frames: the source, the result and the part. None before they are known."""
        picture, planned = self._picture(), self.preview.planned
        if picture is None or planned is None or self._index() >= len(planned.sizes):
            return None
        return (picture.width, picture.height), planned.sizes[self._index()], picture.rect

    def _set_look(self, look):
        self._centres[self._picture().key.get_id()] = look.x, look.y
        self._show_frame()
        if self._timer:
            GLib.source_remove(self._timer)
        self._timer = GLib.timeout_add(REST, self._rested)

    def _rested(self):
        self._timer = None
        self._request()
        return False

    def _look_at(self, x, y):
        place = self._place()
        if place:
            self._set_look(centred(replace(self._look(), x=x, y=y), *place))

    def _move(self, across, down):
        place = self._place()
        if place:
            look = self._look()
            self._set_look(moved(look, across * look.width / 8, down * look.height / 8, *place))

    def _choose_zoom(self, zoom):
        if zoom != self._zoom:
            self._zoom = zoom
            self.zooms[zoom - 1].set_active(True)
            self._request()

    def _list_layers(self):
        """Lists the layers if there are several. The one that was shown stays if it can."""
        layers = [picture.key for picture in self._pictures]
        if self._layer not in layers:
            self._layer = layers[0] if layers else None
        listed = [(str(layer.get_id()), layer.get_name()) for layer in layers]
        if listed != self._listed:
            self._listed = listed
            self.layers.remove_all()
            for id, name in listed:
                self.layers.append(id, name)
        if self._layer is not None:
            self.layers.set_active_id(str(self._layer.get_id()))
        self.layers.set_visible(len(layers) > 1)

    def _choose_layer(self, id):
        layer = next((picture.key for picture in self._pictures if str(picture.key.get_id()) == id), None)
        if layer is not None and layer is not self._layer:
            self._layer = layer
            self._request()

    def _request(self):
        if self._closed or not self._pictures:
            return
        self.preview.request(self._pictures, self._settings, self._look(), self._index(), self.advise)
        self.thumbnail.show_layer(self._layer)
        self._show()
        self._changed()

    # What is seen.

    def _show(self):
        preview = self.preview
        self._show_frame()
        # A patch that is out of date keeps the zoom that it was made for.
        last, zoom = self._shown
        if preview.patch is not last:
            zoom = self._zoom
        if preview.patch is not None and (preview.patch, preview.outdated) != (last, self._greyed):
            self._shown, self._greyed = (preview.patch, zoom), preview.outdated
            self.view.show_patch(preview.patch, zoom, preview.outdated)
        self._show_faces()
        self._show_progress()
        if self._sheet is not None:
            self._sheet.show_cells(preview)
        self.compare.set_sensitive(preview.planned is not None)

    def _show_faces(self):
        patch = self.preview.patch
        if patch is None:
            return
        # The choice is that of the last request, also before its patch has come.
        picture = self._picture_of(patch)
        out = left_out(patch.faces or (), () if picture is None else picture.faces_left_out)
        self.view.show_left_out(out)
        self.faces.show_faces(patch.faces, out)

    def _switch(self, face):
        picture = self._picture_of(self.preview.patch)
        if picture is not None:
            self._switch_face(picture.key, self.preview.patch.faces, face)

    def _picture_of(self, patch):
        """The picture of a patch; None if the target does not enlarge it any more."""
        return next((picture for picture in self._pictures if picture.pixels_of == patch.pixels_of), None)

    def _show_frame(self):
        place = self._place()
        if place:
            self.thumbnail.show_frame(frame_of(self._look(), *place), place[1])

    def _show_progress(self):
        preview = self.preview
        self.bar.set_fraction(min(preview.progress, 1.0))
        if preview.busy:
            if self._late is None:
                self._late = GLib.timeout_add(LATE, self._show_late)
            elif self._late == 0:
                self.text.set_text(f"{preview.text}…")
            return
        if self._late:
            GLib.source_remove(self._late)
        self._late = None
        self.bar.set_opacity(0.0)
        text = ""
        if preview.problem is not None and preview.planned is not None:
            text = as_sentence(preview.problem)
        elif preview.patch is not None and preview.patch.level is not None:
            text = _("Denoise {level}, as measured in the picture").format(level=preview.patch.level)
        self.text.set_text(text)

    def _show_late(self):
        if self.preview.busy:
            self.bar.set_opacity(1.0)
            self.text.set_text(f"{self.preview.text}…")
        # It is late; the timer has ended.
        self._late = 0
        return False

    def _compare(self):
        if self.preview.planned is None:
            return
        chosen = self._settings.get("model")
        if chosen and chosen not in self._compared:
            self._compared.append(chosen)
        choices, models = presets_to_compare(self._options, self._compared), models_to_compare(self._options)
        self._sheet = PresetSheet(self._window, choices, models, self._compared, self._compare_models)
        self._compare_choices(choices)
        self._sheet.run()
        chosen = self._sheet.chosen
        self._sheet.destroy()
        self._sheet = None
        if chosen is None:
            self._request()
        else:
            self._choose_preset(chosen.settings)

    def _compare_choices(self, choices):
        scale = self.get_scale_factor()
        self.preview.compare(choices, self._look((WIDTH * scale, HEIGHT * scale), 1))

    def _compare_models(self, ids):
        """Compares other models with the presets."""
        self._compared = ids
        choices = presets_to_compare(self._options, ids)
        self._sheet.show_choices(choices)
        self._compare_choices(choices)
