/*
 * Chooses the format for a drawable's pixels.
 * In GIMP 2.10 GEGL does not know the image's colour profile, which describes the numbers as they are stored. So the
 * library gets the numbers as they are stored, linear ones too, and the profile.
 * It must never use 8 bits for an image that has more.
 */
#include "pixel_format.h"

#include "enlarger.h"

/* Component types that GIMP and the library share. All others become 32-bit floats, the last of these. */
static const struct {
    const gchar *name;
    gint32 code;
} TYPES[] = {
    {"u8", ENL_SAMPLE_U8},
    {"u16", ENL_SAMPLE_U16},
    {"half", ENL_SAMPLE_F16},
    {"float", ENL_SAMPLE_F32},
};

/* By alpha and by gray: GEGL's names of the encoded and of the linear channels, and the library's code. */
static const struct {
    const gchar *encoded, *linear;
    gint32 code;
} CHANNELS[2][2] = {
    {{"R'G'B'", "RGB", ENL_CHANNELS_RGB}, {"Y'", "Y", ENL_CHANNELS_GRAY}},
    {{"R'G'B'A", "RGBA", ENL_CHANNELS_RGBA}, {"Y'A", "YA", ENL_CHANNELS_GRAY_ALPHA}},
};

PixelFormat pixel_format_of(gint32 drawable)
{
    gint alpha = gimp_drawable_has_alpha(drawable) ? 1 : 0, gray = gimp_drawable_is_gray(drawable) ? 1 : 0;
    PixelFormat format = {.linear = FALSE};
    guint type = 0;
    /* The colours of a palette have 8 bits. */
    if (!gimp_drawable_is_indexed(drawable)) {
        const gchar *stored = babl_format_get_encoding(gimp_drawable_get_format(drawable));
        gchar **words = g_strsplit(stored, " ", 2);
        format.linear = g_str_equal(words[0], CHANNELS[alpha][gray].linear);
        while (type + 1 < G_N_ELEMENTS(TYPES) && g_strcmp0(words[1], TYPES[type].name) != 0)
            type++;
        g_strfreev(words);
    }
    const gchar *channels = format.linear ? CHANNELS[alpha][gray].linear : CHANNELS[alpha][gray].encoded;
    gchar *name = g_strconcat(channels, " ", TYPES[type].name, NULL);
    format.babl = babl_format(name);
    format.code = CHANNELS[alpha][gray].code + TYPES[type].code;
    format.size = (gsize)babl_format_get_bytes_per_pixel(format.babl);
    g_free(name);
    return format;
}

GimpImageType pixel_format_layer_type(gint32 drawable)
{
    if (gimp_drawable_is_gray(drawable))
        return gimp_drawable_has_alpha(drawable) ? GIMP_GRAYA_IMAGE : GIMP_GRAY_IMAGE;
    return gimp_drawable_has_alpha(drawable) ? GIMP_RGBA_IMAGE : GIMP_RGB_IMAGE;
}
