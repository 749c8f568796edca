/*
 * Reads the arguments, keeps them for the next run, and splits the options.
 * GIMP 2.10 passes arguments by position; only this file knows the positions.
 * It must never truncate an argument: a text that is too long is refused.
 */
#include "arguments.h"

#include <string.h>

#include "failure.h"

enum { RUN_MODE, IMAGE, DRAWABLE, TARGET, MODEL, FACTOR, OPTIONS, COUNT };

gboolean arguments_read(Arguments *arguments, gint count, const GimpParam *parameters, GError **error)
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
    const gchar *options = parameters[OPTIONS].data.d_string, *model = parameters[MODEL].data.d_string;
    if (g_strlcpy(arguments->options, options ? options : "", sizeof arguments->options) < sizeof arguments->options &&
        (!model || !*model || arguments_add_option(arguments, "model", model)))
        return TRUE;
    return failed(error, GIMP_PDB_CALLING_ERROR, "the options and the model's id are longer than %d bytes; shorten them",
                  (gint)sizeof arguments->options - 1);
}

void arguments_last(Arguments *arguments)
{
    memset(arguments, 0, sizeof *arguments);
    arguments->factor = 2.0;
    if (gimp_get_data_size(PROCEDURE) == (gint)sizeof *arguments)
        gimp_get_data(PROCEDURE, arguments);
}

void arguments_keep(const Arguments *arguments)
{
    gimp_set_data(PROCEDURE, arguments, sizeof *arguments);
}

gboolean arguments_add_option(Arguments *arguments, const gchar *key, const gchar *value)
{
    gchar *all = g_strconcat(arguments->options, *arguments->options ? "; " : "", key, "=", value, NULL);
    gboolean fits = strlen(all) < sizeof arguments->options;
    if (fits)
        g_strlcpy(arguments->options, all, sizeof arguments->options);
    g_free(all);
    return fits;
}

gchar **arguments_split_options(const Arguments *arguments, GError **error)
{
    gchar **parts = g_strsplit_set(arguments->options, ";\n", -1);
    GPtrArray *split = g_ptr_array_new_with_free_func(g_free);
    gboolean fine = TRUE;
    for (gchar **part = parts; fine && *part; part++) {
        gchar *value = strchr(g_strstrip(*part), '=');
        if (value) {
            *value++ = '\0';
            g_ptr_array_add(split, g_strdup(g_strstrip(*part)));
            g_ptr_array_add(split, g_strdup(g_strstrip(value)));
        } else if (**part) {
            fine = failed(error, GIMP_PDB_CALLING_ERROR,
                          "'%s' in the options does not have the form key=value; correct it", *part);
        }
    }
    g_strfreev(parts);
    if (!fine) {
        g_ptr_array_free(split, TRUE);
        return NULL;
    }
    g_ptr_array_add(split, NULL);
    return (gchar **)g_ptr_array_free(split, FALSE);
}

gchar *arguments_option(const Arguments *arguments, const gchar *key)
{
    gchar **split = arguments_split_options(arguments, NULL), *found = NULL;
    for (gchar **entry = split; entry && *entry; entry += 2)
        if (g_str_equal(entry[0], key)) {
            g_free(found);
            found = g_strdup(entry[1]);
        }
    g_strfreev(split);
    return found;
}
