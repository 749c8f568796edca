/*
 * The faces of a layer: looked for, and set as options.
 * Where none is found, the option "faces" is off for that layer: the library would otherwise say that nobody has looked.
 * It must never leave an option set for the next layer.
 */
#include "faces.h"

G_STATIC_ASSERT(sizeof(enl_face) == 17 * sizeof(float)); /* as the option "face_points" has them */

static int32_t set_points(Upscaler *upscaler, const enl_faces *found, size_t count)
{
    const Library *library = upscaler->library;
    enl_face *faces = g_new(enl_face, count);
    int32_t status = ENL_OK;
    for (size_t index = 0; status == ENL_OK && index < count; index++)
        status = library->enl_faces_get(found, index, &faces[index]);
    if (status == ENL_OK)
        status = library->enl_options_set_bytes(upscaler->options, "face_points", faces, count * sizeof *faces);
    g_free(faces);
    return status;
}

static int32_t set_off(Upscaler *upscaler, gchar **before)
{
    *before = upscaler_option(upscaler, "faces", "value");
    return upscaler->library->enl_options_set(upscaler->options, "faces", "off");
}

int32_t faces_find(Upscaler *upscaler, gboolean linear, const enl_source *source, gchar **before)
{
    const Library *library = upscaler->library;
    int32_t wanted = 0;
    *before = NULL;
    int32_t status = library->enl_upscaler_wants_faces(upscaler->opened, upscaler->options, source->width, source->height,
                                                       &wanted);
    if (status != ENL_OK || !wanted)
        return status;
    /* Options of their own: an engine that the user named for the models may not be able to search. */
    enl_options *options = NULL;
    enl_faces *found = NULL;
    size_t count = 0;
    status = library->enl_options_new(upscaler->registry, &options);
    if (status == ENL_OK)
        status = upscaler_set_colour(upscaler, options, linear);
    if (status == ENL_OK)
        status = library->enl_faces_find(upscaler->registry, options, source, NULL, NULL, NULL, &found);
    if (status == ENL_OK)
        status = library->enl_faces_count(found, &count);
    if (status == ENL_OK)
        status = count ? set_points(upscaler, found, count) : set_off(upscaler, before);
    library->enl_faces_free(found);
    library->enl_options_free(options);
    return status;
}

void faces_forget(Upscaler *upscaler, gchar *before)
{
    upscaler->library->enl_options_reset(upscaler->options, "face_points");
    if (before)
        upscaler->library->enl_options_set(upscaler->options, "faces", before);
    g_free(before);
}
