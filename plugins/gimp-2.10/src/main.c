/*
 * GIMP 2.10: Filters > Enhance > Enlarge with AI.
 * Registers the procedure; when it is called, leads from arguments to a changed image, and from failures to sentences.
 * It must never load the library or a model before that: GIMP asks at its start what is offered here.
 *
 * From a script, nothing is asked:
 *
 *     (plug-in-enlarger RUN-NONINTERACTIVE image drawable TARGET MODEL FACTOR OPTIONS)
 *
 * TARGET   "image": the canvas and all layers become larger, the chosen one by AI; "new-image": the chosen layer alone
 * MODEL    a model's id, instead of a preset; "" for the preset's
 * FACTOR   how many times wider and higher, 0.1 to 16; 0 for the preset's or the model's own
 * OPTIONS  more options of the library: "preset=clean; denoise=20; strength=80; engine=rten"; "" for none
 *
 * It returns the image that has the result. A shell enlarges a file twofold by
 *
 *     gimp-console-2.10 -i -d -f -b '
 *       (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "in.png" "in.png")))
 *              (layer (car (gimp-image-get-active-drawable image))))
 *         (plug-in-enlarger RUN-NONINTERACTIVE image layer "image" "" 2 "")
 *         (gimp-file-save RUN-NONINTERACTIVE image layer "out.png" "out.png"))' -b '(gimp-quit 0)'
 *
 * GIMP 2.10 says 0 to the shell even where that failed: look whether out.png is there.
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
        {GIMP_PDB_STRING, "target", "What becomes larger: image, or new-image"},
        {GIMP_PDB_STRING, "model", "A model's id, instead of a preset; empty for the preset's"},
        {GIMP_PDB_FLOAT, "factor", "How many times wider and higher, 0.1 to 16; 0: the preset's own"},
        {GIMP_PDB_STRING, "options",
         "More options of the library, as key=value with semicolons between: preset=clean; denoise=20; strength=80"},
    };
    static const GimpParamDef results[] = {{GIMP_PDB_IMAGE, "result", "The image that holds the result"}};
    gimp_install_procedure(PROCEDURE, "Enlarge layers or the whole image with AI",
                           "A neural network enlarges the chosen layer: sharp, right in colour, depth and "
                           "transparency, without seams. Everything happens on this computer.",
                           "The Enlarger authors", "The Enlarger authors", "2026", "_Enlarge with AI...", "*",
                           GIMP_PLUGIN, G_N_ELEMENTS(arguments), G_N_ELEMENTS(results), arguments, results);
    gimp_plugin_menu_register(PROCEDURE, "<Image>/Filters/Enhance");
}

/* What is wanted, asked for as the run mode says. */
static gboolean wanted(gint count, const GimpParam *parameters, Upscaler *upscaler, Arguments *arguments,
                       GError **error)
{
    switch (parameters[0].data.d_int32) {
    case GIMP_RUN_NONINTERACTIVE:
        return arguments_given(arguments, count, parameters, error);
    case GIMP_RUN_INTERACTIVE:
        arguments_last(arguments);
        if (!dialog_ask(arguments, upscaler, parameters[1].data.d_image, parameters[2].data.d_drawable))
            return failed(error, GIMP_PDB_CANCEL, "cancelled");
        arguments_keep(arguments);
        return TRUE;
    default:
        arguments_last(arguments);
        return TRUE;
    }
}

/* Does it; the image that has the result, or -1. */
static gint32 enlarge(gint count, const GimpParam *parameters, GError **error)
{
    gint32 image = parameters[1].data.d_image, result = -1;
    Upscaler *upscaler = upscaler_new(image, error);
    if (!upscaler)
        return -1;
    Arguments arguments;
    gdouble factor;
    if (wanted(count, parameters, upscaler, &arguments, error) && upscaler_open(upscaler, &arguments, &factor, error)) {
        Target *target = target_new(arguments.target, image, parameters[2].data.d_drawable, factor, error);
        if (target && job_run(target, upscaler, error) && target_check(target, error)) {
            result = target_commit(target);
            if (target->said->len)
                g_message("%s", target->said->str);
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
