"""The procedure's run: arguments to a job, a job to an image, and failures to sentences.

The library is loaded here and not before.
"""

import os
import sys
import traceback

from gi.repository import Gimp, GLib, GObject

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import enlarger  # noqa: E402
from enlarger.job import Job  # noqa: E402
from enlarger.upscalers import Upscalers  # noqa: E402

from . import settings  # noqa: E402
from .layers import enlargeable  # noqa: E402


def run(procedure, run_mode, image, drawables, config):
    """Called by GIMP."""
    try:
        upscalers = Upscalers()
        if run_mode == Gimp.RunMode.INTERACTIVE:
            from .dialog import ask

            if not ask(procedure, config, image, drawables, upscalers):
                return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())
        result = enlarge(image, drawables, config, upscalers)
    except enlarger.Cancelled:
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())
    except enlarger.InvalidArgument as problem:
        return failed(procedure, Gimp.PDBStatusType.CALLING_ERROR, problem)
    except (enlarger.Error, RuntimeError, OSError) as problem:
        return failed(procedure, Gimp.PDBStatusType.EXECUTION_ERROR, problem)
    except Exception as problem:
        # GIMP would only say "execution error".
        traceback.print_exc()
        problem = f"this is a defect of Enlarger, please report it: {type(problem).__name__}: {problem}"
        return failed(procedure, Gimp.PDBStatusType.EXECUTION_ERROR, problem)
    if run_mode != Gimp.RunMode.NONINTERACTIVE:
        if result != image:
            Gimp.Display.new(result)
        Gimp.displays_flush()
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())
    values.remove(1)
    values.insert(1, GObject.Value(Gimp.Image, result))
    return values


def enlarge(image, drawables, config, upscalers):
    """Does it; returns the image that has the result."""
    layers, left = enlargeable(image, drawables)
    wanted = settings.of(config)
    target = settings.target(config, image, layers, settings.sizes(wanted, upscalers))
    Gimp.progress_init("Enlarging with AI")
    Job(target, wanted, upscalers).run()
    for name in left:
        target.said.append(f"'{name}' was left to GIMP, which draws it sharp in any size.")
    if target.said:
        Gimp.message("\n".join(target.said))
    return target.result


def failed(procedure, status, problem):
    error = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), str(problem), 0)
    return procedure.new_return_values(status, error)
