"""The sheet that compares presets: the same part of the picture by each of them, labelled. A click on one chooses it."""

from gi.repository import Gtk, Pango

from enlarger.dialog import as_sentence
from enlarger.translation import _

from .model_picker import ModelPicker
from .pixbufs import pixbuf_of, shown
from .pixel_image import PixelImage

# Of a picture, in units of the desktop, and the number of columns.
WIDTH, HEIGHT, COLUMNS = 220, 170, 5
CHOSEN = 1


class PresetSheet(Gtk.Dialog):
    """The window.

    Arguments:
        choices: the Choices to compare.
        models, picked, pick: the arguments of the ModelPicker.

    Attributes:
        chosen: the Choice that the user clicked; None before.
    """

    def __init__(self, parent, choices, models, picked, pick):
        super().__init__(title=_("Compare presets"), transient_for=parent, modal=True, resizable=False)
        self.add_button(_("_Close"), Gtk.ResponseType.CLOSE)
        self.chosen = None
        self._cells, self._filled = [], 0
        area = self.get_content_area()
        area.set_border_width(12)
        area.set_spacing(12)
        about = Gtk.Label(label=_("Each picture shows the framed part with another preset. Click the one that you prefer."), xalign=0)
        self._grid = Gtk.Grid(column_spacing=6, row_spacing=6)
        scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, propagate_natural_height=True)
        # Two rows, also on a small screen.
        scrolled.set_max_content_height(2 * (HEIGHT + 56))
        scrolled.add(self._grid)
        self.show_choices(choices)
        self.picker = ModelPicker(models, picked, pick)
        self._bar = Gtk.ProgressBar()
        self._bar.get_accessible().set_name(_("Progress of the comparison"))
        for widget, grow in ((about, False), (scrolled, True), (self.picker, False), (self._bar, False)):
            area.pack_start(widget, grow, grow, 0)
        area.show_all()

    def show_choices(self, choices):
        """Lists other Choices. Their pictures come with show_cells()."""
        for cell in self._cells:
            self._grid.remove(cell)
        self._cells, self._filled = [], 0
        for index, choice in enumerate(choices):
            cell = SheetCell(choice)
            cell.connect("clicked", lambda cell: self._choose(cell.choice))
            self._grid.attach(cell, index % COLUMNS, index // COLUMNS, 1, 1)
            self._cells.append(cell)
        self._grid.show_all()

    def show_cells(self, preview):
        """Shows what has been computed of a Preview's comparison."""
        for cell, made in zip(self._cells[self._filled :], preview.cells[self._filled :]):
            cell.fill(made)
        self._filled = len(preview.cells)
        self._bar.set_fraction(min(preview.progress, 1.0))
        self._bar.set_opacity(1.0 if preview.busy else 0.0)

    def _choose(self, choice):
        self.chosen = choice
        self.response(CHOSEN)


class SheetCell(Gtk.Button):
    """One preset: its name, and its picture or why there is none."""

    def __init__(self, choice):
        super().__init__(tooltip_text=choice.help)
        self.choice = choice
        self._image = PixelImage()
        self._image.set_size_request(WIDTH, HEIGHT)
        self._label = Gtk.Label(label=choice.label, ellipsize=Pango.EllipsizeMode.END, max_width_chars=26)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4)
        box.pack_start(self._image, True, True, 0)
        box.pack_start(self._label, False, False, 0)
        self.add(box)

    def fill(self, cell):
        if cell.patch is not None:
            frame = cell.patch.frame
            self._image.show_pixbuf(shown(pixbuf_of(cell.patch.after, frame.width, frame.height)))
        else:
            problem = as_sentence(cell.problem)
            self._label.set_text(_("{name}: {text}").format(name=self.choice.label, text=problem))
            self.set_tooltip_text(problem)
