#!/usr/bin/env python3
"""GIMP 3: Filters > Enhance > Enlarge with AI.

Registers the procedure, and when it is called hands over to `shim`. GIMP runs this file at every start to ask what it
offers, so nothing here may load the library, a model or a user interface before the procedure is run.
"""

import sys

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, GLib, GObject  # noqa: E402

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
        procedure.set_sensitivity_mask(
            Gimp.ProcedureSensitivityMask.DRAWABLE | Gimp.ProcedureSensitivityMask.DRAWABLES
        )
        procedure.set_menu_label("_Enlarge with AI...")
        procedure.add_menu_path("<Image>/Filters/Enhance")
        procedure.set_documentation(
            "Enlarge layers or the whole image with AI",
            "A neural network enlarges the chosen layers: sharp, right in colour, depth and transparency, without "
            "seams. Everything happens on this computer.",
            name,
        )
        procedure.set_attribution("The Enlarger authors", "The Enlarger authors", "2026")

        target = Gimp.Choice.new()
        target.add("image", 0, "The whole image", "The canvas and all layers; the chosen ones by AI")
        target.add("new-image", 1, "A new image", "The chosen layers, as a new image")
        target.add("selection", 2, "The selection, as a new image", "Only what is selected goes through the network")
        target.add("in-place", 3, "Restore in place", "The same size, better pixels, where the selection is")
        procedure.add_choice_argument("target", "_Target", "What becomes larger", target, "image", READWRITE)
        procedure.add_string_argument(
            "preset", "_Preset", "What the result is to be like: natural, crisp...; empty for natural", "", READWRITE
        )
        procedure.add_string_argument(
            "model", "_Model", "A model's id, instead of a preset; empty for the preset's", "", READWRITE
        )
        procedure.add_double_argument(
            "factor", "_Factor", "How many times wider and higher; 0: the preset's own", 0.0, 16.0, 0.0, READWRITE
        )
        procedure.add_int_argument(
            "width", "_Width", "Instead of a factor, in pixels; 0: it follows", 0, 1 << 20, 0, READWRITE
        )
        procedure.add_int_argument(
            "height", "H_eight", "Instead of a factor, in pixels; 0: it follows", 0, 1 << 20, 0, READWRITE
        )
        procedure.add_string_argument(
            "options",
            "O_ptions",
            "More options of the library, as key=value with semicolons between: denoise=20; strength=80; engine=rten",
            "",
            READWRITE,
        )
        procedure.add_image_return_value("result", "The result", "The image that holds the result", True, READWRITE)
        return procedure


def run(procedure, run_mode, image, drawables, config, _data):
    from shim import main

    return main.run(procedure, run_mode, image, drawables, config)


Gimp.main(Enlarger.__gtype__, sys.argv)
