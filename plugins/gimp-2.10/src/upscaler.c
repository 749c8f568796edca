/*
 * From the arguments to an opened model, and from a layer to a plan.
 * The library checks every value and has the sentence for what cannot be; it is passed on as it is.
 * It must never use a model that was opened for other arguments.
 */
#include "upscaler.h"

#include <string.h>

#include "failure.h"

Upscaler *upscaler_new(gint32 image, GError **error)
{
    const Library *library = library_open(error);
    if (!library)
        return NULL;
    Upscaler *upscaler = g_new0(Upscaler, 1);
    upscaler->library = library;
    if (!library_check(library, library->enl_registry_new(NULL, 0, &upscaler->registry), error) ||
        !library_check(library, library->enl_options_new(upscaler->registry, &upscaler->options), error)) {
        upscaler_free(upscaler);
        return NULL;
    }
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    if (profile) {
        gsize size;
        const guint8 *data = gimp_color_profile_get_icc_profile(profile, &size);
        upscaler->profile = g_bytes_new(data, size);
        g_object_unref(profile);
    }
    return upscaler;
}

void upscaler_free(Upscaler *upscaler)
{
    if (!upscaler)
        return;
    upscaler->library->enl_upscaler_free(upscaler->opened);
    upscaler->library->enl_options_free(upscaler->options);
    upscaler->library->enl_registry_free(upscaler->registry);
    if (upscaler->profile)
        g_bytes_unref(upscaler->profile);
    g_free(upscaler->told);
    g_free(upscaler);
}

/* Sets "key=value; key=value". */
static gboolean set_all(Upscaler *upscaler, const gchar *text, GError **error)
{
    const Library *library = upscaler->library;
    gchar **parts = g_strsplit_set(text, ";\n", -1);
    gboolean fine = TRUE;
    for (gchar **part = parts; fine && *part; part++) {
        gchar *value = strchr(g_strstrip(*part), '=');
        if (value) {
            *value++ = '\0';
            const gchar *key = g_strstrip(*part);
            fine = library_check(library, library->enl_options_set(upscaler->options, key, g_strstrip(value)), error);
        } else if (**part) {
            fine = failed(error, GIMP_PDB_CALLING_ERROR,
                          "'%s' in the options is not of the form key=value; write it so", *part);
        }
    }
    g_strfreev(parts);
    return fine;
}

/* Everything that is wanted, from the defaults on, but for sizes and colours. */
gboolean upscaler_want(Upscaler *upscaler, const Arguments *wanted, GError **error)
{
    const Library *library = upscaler->library;
    enl_options *options;
    if (!library_check(library, library->enl_options_new(upscaler->registry, &options), error))
        return FALSE;
    library->enl_options_free(upscaler->options);
    upscaler->options = options;
    return set_all(upscaler, wanted->options, error) &&
           (!*wanted->preset ||
            library_check(library, library->enl_options_set(options, "preset", wanted->preset), error)) &&
           (!*wanted->model ||
            library_check(library, library->enl_options_set(options, "model", wanted->model), error)) &&
           (wanted->denoise < 0 ||
            library_check(library, library->enl_options_set_integer(options, "denoise", wanted->denoise), error)) &&
           (wanted->strength < 0 ||
            library_check(library, library->enl_options_set_integer(options, "strength", wanted->strength), error));
}

/* Layers are given their sizes in pixels, which follow from the image's; of the factor only its range counts. */
static gboolean check_factor(Upscaler *upscaler, gdouble factor, GError **error)
{
    const Library *library = upscaler->library;
    return library_check(library, library->enl_options_set_float(upscaler->options, "factor", factor), error) &&
           library_check(library, library->enl_options_reset(upscaler->options, "factor"), error);
}

gboolean upscaler_open(Upscaler *upscaler, const Arguments *wanted, gdouble *factor, GError **error)
{
    const Library *library = upscaler->library;
    gboolean same = upscaler->opened && strcmp(wanted->model, upscaler->wanted.model) == 0 &&
                    strcmp(wanted->preset, upscaler->wanted.preset) == 0 &&
                    strcmp(wanted->options, upscaler->wanted.options) == 0;
    if (!upscaler_want(upscaler, wanted, error))
        return FALSE;
    if (!same) {
        library->enl_upscaler_free(upscaler->opened);
        upscaler->opened = NULL;
        int32_t status = library->enl_upscaler_new(upscaler->registry, upscaler->options, &upscaler->opened);
        if (!library_check(library, status, error))
            return FALSE;
        upscaler->wanted = *wanted;
    }
    *factor = wanted->factor;
    if (*factor == 0) {
        gchar *usual = upscaler_text(upscaler, "factor");
        *factor = g_ascii_strtod(usual, NULL);
        g_free(usual);
    }
    return check_factor(upscaler, *factor, error);
}

/* What the numbers of the pixels mean. */
static int32_t set_colour(Upscaler *upscaler, gboolean linear)
{
    const Library *library = upscaler->library;
    if (upscaler->profile) {
        gsize size;
        gconstpointer data = g_bytes_get_data(upscaler->profile, &size);
        return library->enl_options_set_bytes(upscaler->options, "icc_profile", data, size);
    }
    return library->enl_options_set(upscaler->options, "colour_space", linear ? "linear_srgb" : "srgb");
}

gboolean upscaler_plan(Upscaler *upscaler, const Piece *piece, enl_plan *plan, GError **error)
{
    const Library *library = upscaler->library;
    enl_options *options = upscaler->options;
    return library_check(library, set_colour(upscaler, piece->pixels.linear), error) &&
           library_check(library, library->enl_options_set_integer(options, "width", piece->to_width), error) &&
           library_check(library, library->enl_options_set_integer(options, "height", piece->to_height), error) &&
           library_check(library,
                         library->enl_upscaler_plan(upscaler->opened, options, (uint32_t)piece->width,
                                                    (uint32_t)piece->height, NULL, plan),
                         error);
}

gchar *upscaler_text(const Upscaler *upscaler, const gchar *property)
{
    const Library *library = upscaler->library;
    size_t length = 0;
    library->enl_upscaler_text(upscaler->opened, property, NULL, 0, &length);
    gchar *text = g_malloc0(length + 1);
    library->enl_upscaler_text(upscaler->opened, property, text, length + 1, NULL);
    return text;
}

gchar *upscaler_option(const Upscaler *upscaler, const gchar *key, const gchar *property)
{
    const Library *library = upscaler->library;
    size_t length = 0;
    library->enl_options_describe(upscaler->options, key, property, NULL, 0, &length);
    gchar *text = g_malloc0(length + 1);
    library->enl_options_describe(upscaler->options, key, property, text, length + 1, NULL);
    return text;
}
