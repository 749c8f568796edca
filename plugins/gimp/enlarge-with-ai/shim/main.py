"""The run of the procedure: from its arguments to a job, an image and, after a failure, an error message.

The library must not be loaded before run() is called.
"""

import os
import sys
import traceback

from gi.repository import Gimp, GLib, GObject

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import enlarger  # noqa: E402
from enlarger.job import Job  # noqa: E402
from enlarger.translation import _  # noqa: E402
from enlarger.upscaler_cache import UpscalerCache  # noqa: E402

from . import arguments  # noqa: E402
from .eligible_layers import eligible_layers  # noqa: E402


def run(procedure, run_mode, image, drawables, config):
    """Called by GIMP."""
    try:
        upscalers = UpscalerCache()
        if run_mode == Gimp.RunMode.INTERACTIVE:
            from .dialog import show_dialog

            if not show_dialog(procedure, config, image, drawables, upscalers):
                return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())
        result = enlarge(image, drawables, config, upscalers)
    except enlarger.Cancelled:
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())
    except enlarger.InvalidArgument as problem:
        return failure(procedure, Gimp.PDBStatusType.CALLING_ERROR, problem)
    except (enlarger.Error, RuntimeError, OSError) as problem:
        return failure(procedure, Gimp.PDBStatusType.EXECUTION_ERROR, problem)
    except Exception as problem:
        # Without this GIMP would only show "execution error".
        traceback.print_exc()
        what = f"{type(problem).__name__}: {problem}"
        problem = _("this is a defect of Enlarger, please report it: {what}").format(what=what)
        return failure(procedure, Gimp.PDBStatusType.EXECUTION_ERROR, problem)
    if run_mode != Gimp.RunMode.NONINTERACTIVE:
        if result != image:
            Gimp.Display.new(result)
        Gimp.displays_flush()
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())
    values.remove(1)
    values.insert(1, GObject.Value(Gimp.Image, result))
    return values


def enlarge(image, drawables, config, upscalers):
    """Runs the job; returns the image with the result."""
    layers, skipped = eligible_layers(image, drawables)
    settings = arguments.settings_of(config)
    target = arguments.target_of(config, image, layers, arguments.take_size(settings, upscalers))
    Gimp.progress_init(_("Enlarging with AI"))
    Job(target, settings, upscalers).run()
    for name in skipped:
        target.notes.append(_("'{name}' was left to GIMP, which draws it sharp in any size.").format(name=name))
    if target.notes:
        Gimp.message("\n".join(target.notes))
    return target.result


def failure(procedure, status, problem):
    error = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), str(problem), 0)
    return procedure.new_return_values(status, error)
