#!/usr/bin/env python3
"""The plug-in for GIMP 3: Filters > Enhance > Enlarge with AI.

It registers the procedure; `shim` does the work when the procedure is called. GIMP runs this file at every start to ask
for its procedures, so it must never load the library, a model or a user interface before the procedure is called.
"""

import sys

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, GObject  # noqa: E402

import shim  # noqa: E402, F401 (it chooses the language)
from enlarger.translation import _  # noqa: E402

PROCEDURE = "plug-in-enlarger"
READWRITE = GObject.ParamFlags.READWRITE


class Enlarger(Gimp.PlugIn):
    def do_set_i18n(self, name):
        return False

    def do_query_procedures(self):
        return [PROCEDURE]

    def do_create_procedure(self, name):
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, run, None)
        procedure.set_image_types("*")
        procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE | Gimp.ProcedureSensitivityMask.DRAWABLES)
        procedure.set_menu_label(_("_Enlarge with AI..."))
        procedure.add_menu_path("<Image>/Filters/Enhance")
        procedure.set_documentation(
            _("Enlarge layers or the whole image with AI"),
            _(
                "A neural network enlarges the selected layers: sharp, without seams, and with the same colours, bit depth "
                "and transparency. Everything happens on this computer."
            ),
            name,
        )
        procedure.set_attribution("The Enlarger authors", "The Enlarger authors", "2026")

        target = Gimp.Choice.new()
        target.add("image", 0, _("The whole image"), _("The canvas and all layers; AI enlarges the selected layers"))
        target.add("new-image", 1, _("A new image"), _("The selected layers, as a new image"))
        target.add("selection", 2, _("The selection, as a new image"), _("Only the selection goes through the network"))
        target.add("in-place", 3, _("Restore in place"), _("Removes noise and JPEG damage without changing the size; only inside the selection, if there is one"))
        procedure.add_choice_argument("target", _("_Target"), _("What becomes larger"), target, "image", READWRITE)
        procedure.add_string_argument(
            "preset",
            _("_Preset"),
            _("What the result should be like, such as natural or crisp; empty for natural"),
            "",
            READWRITE,
        )
        procedure.add_string_argument(
            "model", _("_Model"), _("The id of a model, to use it instead of a preset; empty for the preset"), "", READWRITE
        )
        procedure.add_string_argument(
            "method",
            _("Met_hod"),
            _("nearest, bilinear, bicubic or lanczos, to use no network; empty for the preset or model"),
            "",
            READWRITE,
        )
        procedure.add_double_argument(
            "factor",
            _("_Factor"),
            _("How many times wider and higher the result is; 0 for the preset's own factor"),
            0.0,
            16.0,
            0.0,
            READWRITE,
        )
        procedure.add_int_argument(
            "width", _("_Width"), _("The width in pixels, instead of a factor; 0 if it follows"), 0, 1 << 20, 0, READWRITE
        )
        procedure.add_int_argument(
            "height", _("H_eight"), _("The height in pixels, instead of a factor; 0 if it follows"), 0, 1 << 20, 0, READWRITE
        )
        procedure.add_string_argument(
            "options",
            _("O_ptions"),
            _("More options as key=value, separated by semicolons: denoise=20; strength=80; engine=rten"),
            "",
            READWRITE,
        )
        procedure.add_string_argument(
            "mask",
            _("Us_e the network"),
            _(
                "Where the network is used: everywhere, selection, protect-selection, layer-mask or protect-layer-mask; "
                "empty for everywhere"
            ),
            "",
            READWRITE,
        )
        procedure.add_string_argument(
            "faces-left-out",
            _("Faces left o_ut"),
            _(
                "Places in faces that are enlarged like the rest, as x,y in pixels of the layer: 120,80 300,95; with several layers "
                "their numbers before: 1: 120,80; 2: 33,40"
            ),
            "",
            READWRITE,
        )
        procedure.add_boolean_argument(
            "advice", _("Show ad_vice"), _("Whether the dialog says what would spoil the result"), True, READWRITE
        )
        procedure.add_image_return_value("result", _("The result"), _("The image with the result"), True, READWRITE)
        return procedure


def run(procedure, run_mode, image, drawables, config, _data):
    from shim import main

    return main.run(procedure, run_mode, image, drawables, config)


Gimp.main(Enlarger.__gtype__, sys.argv)
