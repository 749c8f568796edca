/*
 * Reads, keeps and proposes the arguments.
 * GIMP 2.10 hands them over by position; this is the one place that knows the positions.
 * It must never take half of what was given: a text too long is refused, not cut off.
 */
#include "arguments.h"

#include <string.h>

#include "failure.h"

enum { RUN_MODE, IMAGE, DRAWABLE, TARGET, MODEL, FACTOR, OPTIONS, COUNT };

static gboolean copy(gchar *place, gsize size, const gchar *text, const gchar *name, GError **error)
{
    if (g_strlcpy(place, text ? text : "", size) < size)
        return TRUE;
    return failed(error, GIMP_PDB_CALLING_ERROR, "%s is longer than %d bytes; make it shorter", name, (gint)size - 1);
}

gboolean arguments_given(Arguments *arguments, gint count, const GimpParam *parameters, GError **error)
{
    if (count != COUNT)
        return failed(error, GIMP_PDB_CALLING_ERROR,
                      "there are %d arguments; give run-mode, image, drawable, target, model, factor and options",
                      count);
    const gchar *target = parameters[TARGET].data.d_string;
    if (g_strcmp0(target, "image") == 0)
        arguments->target = TARGET_IMAGE;
    else if (g_strcmp0(target, "new-image") == 0)
        arguments->target = TARGET_NEW_IMAGE;
    else
        return failed(error, GIMP_PDB_CALLING_ERROR, "there is no target '%s'; give image or new-image",
                      target ? target : "");
    arguments->factor = parameters[FACTOR].data.d_float;
    arguments->denoise = arguments->strength = -1;
    *arguments->preset = '\0';
    return copy(arguments->model, sizeof arguments->model, parameters[MODEL].data.d_string, "the model's id", error) &&
           copy(arguments->options, sizeof arguments->options, parameters[OPTIONS].data.d_string, "the text of options",
                error);
}

void arguments_last(Arguments *arguments)
{
    memset(arguments, 0, sizeof *arguments);
    arguments->factor = 2.0;
    arguments->denoise = arguments->strength = -1;
    if (gimp_get_data_size(PROCEDURE) == (gint)sizeof *arguments)
        gimp_get_data(PROCEDURE, arguments);
}

void arguments_keep(const Arguments *arguments)
{
    gimp_set_data(PROCEDURE, arguments, sizeof *arguments);
}
