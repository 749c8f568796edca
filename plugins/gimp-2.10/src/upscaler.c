/*
 * Makes an upscaler for the arguments, and plans for layers.
 * The library checks every value; its messages are passed on as they are.
 * It must never use an upscaler that was made for other options.
 */
#include "upscaler.h"

#include "failure.h"

Upscaler *upscaler_new(gint32 image, GError **error)
{
    const Library *library = library_open(error);
    if (!library)
        return NULL;
    Upscaler *upscaler = g_new0(Upscaler, 1);
    upscaler->library = library;
    upscaler->opening = g_string_new(NULL);
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
    g_string_free(upscaler->opening, TRUE);
    g_free(upscaler->opened_for);
    g_free(upscaler->shown_notes);
    g_free(upscaler);
}

gboolean upscaler_refresh(Upscaler *upscaler, GError **error)
{
    const Library *library = upscaler->library;
    enl_registry *registry = NULL;
    enl_options *options = NULL;
    if (!library_check(library, library->enl_registry_new(NULL, 0, &registry), error))
        return FALSE;
    if (!library_check(library, library->enl_options_new(registry, &options), error)) {
        library->enl_registry_free(registry);
        return FALSE;
    }
    library->enl_upscaler_free(upscaler->opened);
    library->enl_options_free(upscaler->options);
    library->enl_registry_free(upscaler->registry);
    upscaler->opened = NULL;
    upscaler->options = options;
    upscaler->registry = registry;
    g_clear_pointer(&upscaler->opened_for, g_free);
    g_string_truncate(upscaler->opening, 0);
    return TRUE;
}

/* Sets an option, and notes it in `opening` if it counts for making an upscaler. */
static gboolean set_option(Upscaler *upscaler, const gchar *key, const gchar *value, GError **error)
{
    const Library *library = upscaler->library;
    if (!library_check(library, library->enl_options_set(upscaler->options, key, value), error))
        return FALSE;
    gchar *scope = upscaler_option(upscaler, key, "scope");
    if (g_str_equal(scope, "upscaler"))
        g_string_append_printf(upscaler->opening, "%s=%s;", key, value);
    g_free(scope);
    return TRUE;
}

gboolean upscaler_set_options(Upscaler *upscaler, const Arguments *arguments, GError **error)
{
    const Library *library = upscaler->library;
    enl_options *options;
    if (!library_check(library, library->enl_options_new(upscaler->registry, &options), error))
        return FALSE;
    library->enl_options_free(upscaler->options);
    upscaler->options = options;
    g_string_truncate(upscaler->opening, 0);
    gchar **split = arguments_split_options(arguments, error);
    gboolean fine = split != NULL;
    for (gchar **entry = split; fine && *entry; entry += 2)
        fine = set_option(upscaler, entry[0], entry[1], error);
    g_strfreev(split);
    return fine;
}

/* Checks the range of the factor. Layers get their sizes in pixels, which follow from the image's size. */
static gboolean check_factor(Upscaler *upscaler, gdouble factor, GError **error)
{
    const Library *library = upscaler->library;
    return library_check(library, library->enl_options_set_float(upscaler->options, "factor", factor), error) &&
           library_check(library, library->enl_options_reset(upscaler->options, "factor"), error);
}

gboolean upscaler_open(Upscaler *upscaler, const Arguments *arguments, gdouble *factor, GError **error)
{
    const Library *library = upscaler->library;
    if (!upscaler_set_options(upscaler, arguments, error))
        return FALSE;
    if (!upscaler->opened || g_strcmp0(upscaler->opening->str, upscaler->opened_for) != 0) {
        library->enl_upscaler_free(upscaler->opened);
        upscaler->opened = NULL;
        int32_t status = library->enl_upscaler_new(upscaler->registry, upscaler->options, &upscaler->opened);
        if (!library_check(library, status, error))
            return FALSE;
        g_free(upscaler->opened_for);
        upscaler->opened_for = g_strdup(upscaler->opening->str);
    }
    *factor = arguments->factor;
    if (*factor == 0) {
        gchar *usual = upscaler_text(upscaler, "factor");
        *factor = g_ascii_strtod(usual, NULL);
        g_free(usual);
    }
    return check_factor(upscaler, *factor, error);
}

int32_t upscaler_set_colour(const Upscaler *upscaler, enl_options *options, gboolean linear)
{
    const Library *library = upscaler->library;
    if (upscaler->profile) {
        gsize size;
        gconstpointer data = g_bytes_get_data(upscaler->profile, &size);
        return library->enl_options_set_bytes(options, "icc_profile", data, size);
    }
    return library->enl_options_set(options, "colour_space", linear ? "linear_srgb" : "srgb");
}

gboolean upscaler_plan(Upscaler *upscaler, const TargetLayer *layer, enl_plan *plan, GError **error)
{
    const Library *library = upscaler->library;
    enl_options *options = upscaler->options;
    return library_check(library, upscaler_set_colour(upscaler, options, layer->format.linear), error) &&
           library_check(library, library->enl_options_set_integer(options, "width", layer->to_width), error) &&
           library_check(library, library->enl_options_set_integer(options, "height", layer->to_height), error) &&
           library_check(library,
                         library->enl_upscaler_plan(upscaler->opened, options, (uint32_t)layer->width,
                                                    (uint32_t)layer->height, NULL, plan),
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

gchar *upscaler_provenance(const Upscaler *upscaler, gint width, gint height, const gchar *property)
{
    const Library *library = upscaler->library;
    const uint32_t across = (uint32_t)width, down = (uint32_t)height;
    size_t length = 0;
    if (library->enl_upscaler_provenance(upscaler->opened, upscaler->options, across, down, NULL, property, NULL, 0,
                                         &length) != ENL_OK)
        return NULL;
    gchar *text = g_malloc0(length + 1);
    library->enl_upscaler_provenance(upscaler->opened, upscaler->options, across, down, NULL, property, text, length + 1,
                                     NULL);
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

gchar **upscaler_option_keys(const Upscaler *upscaler)
{
    const Library *library = upscaler->library;
    size_t count = 0;
    library->enl_options_count(upscaler->options, &count);
    gchar **keys = g_new0(gchar *, count + 1);
    for (size_t index = 0; index < count; index++) {
        size_t length = 0;
        library->enl_options_key(upscaler->options, index, NULL, 0, &length);
        keys[index] = g_malloc0(length + 1);
        library->enl_options_key(upscaler->options, index, keys[index], length + 1, NULL);
    }
    return keys;
}
