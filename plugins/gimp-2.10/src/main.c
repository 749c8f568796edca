/*
 * The plug-in for GIMP 2.10: Filters > Enhance > Enlarge with AI.
 * It registers the procedure and runs it: from the arguments to a changed image or an error message.
 * It must never load the library or a model before the procedure is called: GIMP runs this program at its start to ask for
 * its procedures.
 *
 * From a script it runs without a dialog:
 *
 *     (plug-in-enlarger RUN-NONINTERACTIVE image drawable TARGET MODEL FACTOR OPTIONS)
 *
 * TARGET   "image": the canvas and all layers, with the given layer enlarged by AI; "new-image": only the given layer
 * MODEL    the id of a model, to use it instead of a preset; "" for the preset
 * FACTOR   how many times wider and higher the result is, 0.1 to 16; 0 for the default of the preset or the model
 * OPTIONS  more options of the library: "preset=clean; denoise=20; strength=80; engine=rten"; "" for none
 *
 * It returns the image with the result. This shell command enlarges a file twofold:
 *
 *     gimp-console-2.10 -i -d -f -b '
 *       (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "in.png" "in.png")))
 *              (layer (car (gimp-image-get-active-drawable image))))
 *         (plug-in-enlarger RUN-NONINTERACTIVE image layer "image" "" 2 "")
 *         (gimp-file-save RUN-NONINTERACTIVE image layer "out.png" "out.png"))' -b '(gimp-quit 0)'
 *
 * GIMP 2.10 ends with status 0 even if that failed: check that out.png exists.
 */
#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include "arguments.h"
#include "dialog.h"
#include "failure.h"
#include "job.h"

static void query(void)
{
    static const GimpParamDef arguments[] = {
        {GIMP_PDB_INT32, "run-mode", "The run mode: RUN-INTERACTIVE, RUN-NONINTERACTIVE or RUN-WITH-LAST-VALS"},
        {GIMP_PDB_IMAGE, "image", "The image"},
        {GIMP_PDB_DRAWABLE, "drawable", "The layer to enlarge, or a group of layers"},
        {GIMP_PDB_STRING, "target", "What becomes larger: image or new-image"},
        {GIMP_PDB_STRING, "model", "The id of a model, to use it instead of a preset; empty for the preset"},
        {GIMP_PDB_FLOAT, "factor",
         "How many times wider and higher the result is, 0.1 to 16; 0 for the preset's own factor"},
        {GIMP_PDB_STRING, "options",
         "More options as key=value, separated by semicolons: preset=clean; denoise=20; strength=80"},
    };
    static const GimpParamDef results[] = {{GIMP_PDB_IMAGE, "result", "The image with the result"}};
    gimp_install_procedure(PROCEDURE, "Enlarge layers or the whole image with AI",
                           "A neural network enlarges the selected layer: sharp, without seams, and with the same "
                           "colours, bit depth and transparency. Everything happens on this computer.",
                           "The Enlarger authors", "The Enlarger authors", "2026", "_Enlarge with AI...", "*",
                           GIMP_PLUGIN, G_N_ELEMENTS(arguments), G_N_ELEMENTS(results), arguments, results);
    gimp_plugin_menu_register(PROCEDURE, "<Image>/Filters/Enhance");
}

/* Gets the arguments by the run mode: from the call, from the dialog, or from the last run. */
static gboolean get_arguments(gint count, const GimpParam *parameters, Upscaler *upscaler, Arguments *arguments,
                       GError **error)
{
    switch (parameters[0].data.d_int32) {
    case GIMP_RUN_NONINTERACTIVE:
        return arguments_read(arguments, count, parameters, error);
    case GIMP_RUN_INTERACTIVE:
        arguments_last(arguments);
        if (!dialog_run(arguments, upscaler, parameters[1].data.d_image, parameters[2].data.d_drawable))
            return failed(error, GIMP_PDB_CANCEL, "cancelled");
        arguments_keep(arguments);
        return TRUE;
    default:
        arguments_last(arguments);
        return TRUE;
    }
}

/* Runs the job; returns the image with the result, or -1. */
static gint32 enlarge(gint count, const GimpParam *parameters, GError **error)
{
    gint32 image = parameters[1].data.d_image, result = -1;
    Upscaler *upscaler = upscaler_new(image, error);
    if (!upscaler)
        return -1;
    Arguments arguments;
    gdouble factor;
    if (get_arguments(count, parameters, upscaler, &arguments, error) &&
        upscaler_open(upscaler, &arguments, &factor, error)) {
        Target *target = target_new(arguments.target, image, parameters[2].data.d_drawable, factor, error);
        if (target && job_run(target, upscaler, error) && target_check(target, error)) {
            result = target_commit(target);
            if (target->notes->len)
                g_message("%s", target->notes->str);
        }
        target_free(target);
    }
    upscaler_free(upscaler);
    return result;
}

static void run(const gchar *name, gint count, const GimpParam *parameters, gint *result_count, GimpParam **results)
{
    static GimpParam values[2];
    GError *error = NULL;
    (void)name;
    gegl_init(NULL, NULL);
    gint32 result = enlarge(count, parameters, &error);
    *results = values;
    *result_count = 2;
    values[0].type = GIMP_PDB_STATUS;
    if (error) {
        values[0].data.d_status = (GimpPDBStatusType)error->code;
        values[1].type = GIMP_PDB_STRING;
        values[1].data.d_string = error->message;
        return;
    }
    if (parameters[0].data.d_int32 != GIMP_RUN_NONINTERACTIVE) {
        if (result != parameters[1].data.d_image)
            gimp_display_new(result);
        gimp_displays_flush();
    }
    values[0].data.d_status = GIMP_PDB_SUCCESS;
    values[1].type = GIMP_PDB_IMAGE;
    values[1].data.d_image = result;
}

const GimpPlugInInfo PLUG_IN_INFO = {NULL, NULL, query, run};

MAIN()
