/*
 * A plug-in for the tests: writes a drawable's pixels to a file, as GIMP stores them.
 * GIMP's exports do not tell offsets and precision.
 * It must never convert a sample.
 */
#include <libgimp/gimp.h>
#include <stdio.h>

#define PROCEDURE "enlarger-probe"

/* A line: size, offsets, encoding, layers of the image, name, profile; then the pixels, row after row. */
static gboolean dump(gint32 image, gint32 drawable, const gchar *path)
{
    gint width = gimp_drawable_width(drawable), height = gimp_drawable_height(drawable), x, y, layers;
    gimp_drawable_offsets(drawable, &x, &y);
    g_free(gimp_image_get_layers(image, &layers));
    gchar *name = gimp_item_get_name(drawable), *hash = NULL;
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    if (profile) {
        gsize size;
        const guint8 *data = gimp_color_profile_get_icc_profile(profile, &size);
        hash = g_compute_checksum_for_data(G_CHECKSUM_MD5, data, size);
    }
    GeglBuffer *buffer = gimp_drawable_get_buffer(drawable);
    const Babl *format = gimp_drawable_get_format(drawable);
    gsize size = (gsize)width * (gsize)height * (gsize)babl_format_get_bytes_per_pixel(format);
    guchar *pixels = g_malloc(size);
    gegl_buffer_get(buffer, GEGL_RECTANGLE(0, 0, width, height), 1.0, format, pixels, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    g_object_unref(buffer);
    FILE *file = fopen(path, "wb");
    if (!file)
        return FALSE;
    fprintf(file, "%d|%d|%d|%d|%s|%dx%d|%d|%s|%s\n", width, height, x, y, babl_format_get_encoding(format),
            gimp_image_width(image), gimp_image_height(image), layers, name, hash ? hash : "none");
    gboolean fine = fwrite(pixels, 1, size, file) == size;
    return fclose(file) == 0 && fine;
}

static void query(void)
{
    static const GimpParamDef arguments[] = {
        {GIMP_PDB_INT32, "run-mode", ""}, {GIMP_PDB_IMAGE, "image", ""}, {GIMP_PDB_DRAWABLE, "drawable", ""}, {GIMP_PDB_STRING, "path", ""}};
    gimp_install_procedure(PROCEDURE, "Writes pixels to a file", "", "", "", "2026", NULL, "*", GIMP_PLUGIN,
                           G_N_ELEMENTS(arguments), 0, arguments, NULL);
}

static void run(const gchar *name, gint count, const GimpParam *parameters, gint *result_count, GimpParam **results)
{
    static GimpParam value = {.type = GIMP_PDB_STATUS};
    (void)name;
    gegl_init(NULL, NULL);
    gboolean fine = count == 4 && dump(parameters[1].data.d_image, parameters[2].data.d_drawable, parameters[3].data.d_string);
    value.data.d_status = fine ? GIMP_PDB_SUCCESS : GIMP_PDB_EXECUTION_ERROR;
    *results = &value;
    *result_count = 1;
}

const GimpPlugInInfo PLUG_IN_INFO = {NULL, NULL, query, run};

MAIN()
