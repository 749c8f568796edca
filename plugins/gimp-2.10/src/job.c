/*
 * Streams layers from GIMP through the library into memory.
 * Everything happens on one thread: the library calls back on the thread that called it, and libgimp allows only one.
 * It must never own a file, a lock or a process: GIMP's cancel kills this process without running any handler.
 */
#include "job.h"

#include <string.h>

#include "faces.h"
#include "failure.h"
#include "progress.h"

/* The rows that are read from GIMP at once: a row of its tiles. */
#define ROWS 64

typedef struct {
    const TargetLayer *layer;
    guchar *strip; /* the last rows that were read */
    gint first, rows;
    gboolean no_memory; /* for a row of the result */
    GError *unread;     /* why rows could not be read; NULL otherwise */
    Target *target;
    Progress progress;
} Run;

/*
 * Reads the rows of the strip. GIMP's library ends this process if the user rotates or resizes a layer while it is read.
 * A copy that is in no image does not change. It shares its pixels with the layer. A cancel during a read leaves it behind.
 */
static gboolean read_strip(Run *run, gint x, gint width)
{
    const TargetLayer *layer = run->layer;
    if (!target_check(run->target, &run->unread))
        return FALSE;
    gint32 copy = gimp_layer_copy(layer->layer);
    gboolean readable = target_check(run->target, &run->unread);
    if (readable && !gimp_item_is_valid(copy))
        readable = failed(&run->unread, GIMP_PDB_EXECUTION_ERROR,
                          "GIMP could not copy the layer; close other images to free memory, and try again");
    if (readable) {
        GeglRectangle rectangle = {x, run->first, width, run->rows};
        GeglBuffer *buffer = gimp_drawable_get_buffer(copy);
        gegl_buffer_get(buffer, &rectangle, 1.0, layer->format.babl, run->strip, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
        g_object_unref(buffer);
    }
    if (gimp_item_is_valid(copy))
        gimp_item_delete(copy);
    return readable;
}

static int32_t read_row(void *user_data, uint32_t x, uint32_t y, void *row, size_t size)
{
    Run *run = user_data;
    const TargetLayer *layer = run->layer;
    if ((gint)y >= run->first + run->rows) {
        run->first = (gint)y;
        run->rows = MIN(ROWS, layer->height - run->first);
        /* `x` and `size` are the same during the whole run. */
        if (!run->strip)
            run->strip = g_malloc_n(ROWS, size);
        if (!read_strip(run, (gint)x, (gint)(size / layer->format.size)))
            return !ENL_CONTINUE;
    }
    memcpy(row, run->strip + (gsize)((gint)y - run->first) * size, size);
    return ENL_CONTINUE;
}

static int32_t write_row(void *user_data, uint32_t y, const void *row, size_t size)
{
    Run *run = user_data;
    (void)y; /* The library writes each row once, from top to bottom. */
    run->no_memory = !result_add_row(run->layer->result, row, size);
    return run->no_memory ? !ENL_CONTINUE : ENL_CONTINUE;
}

static int32_t show(void *user_data, const enl_progress *report)
{
    progress_show(&((Run *)user_data)->progress, report);
    return ENL_CONTINUE;
}

/* Prepares for a new source, or for reading the same one again with another width. */
static void rewind_rows(Run *run)
{
    g_clear_pointer(&run->strip, g_free);
    run->first = run->rows = 0;
}

/* Notes what made the current layer. The image is said to be made by a model that adds detail if any of its layers is. */
static void note_provenance(Run *run, const Upscaler *upscaler)
{
    Target *target = run->target;
    const gint width = run->layer->width, height = run->layer->height;
    gchar *type = upscaler_provenance(upscaler, width, height, "source_type");
    if (target->source_type && (!type || !strstr(type, "composite"))) {
        g_free(type);
        return;
    }
    g_free(target->source_type);
    g_free(target->software);
    target->source_type = type;
    target->software = upscaler_provenance(upscaler, width, height, "software");
}

/* Sets an option to what `with` finds in the source, if that is needed; it stays -1 otherwise. */
static int32_t measure(Run *run, Upscaler *upscaler, __typeof__(enl_upscaler_measure) *with, const enl_source *source,
                       const gchar *option, int32_t *level)
{
    rewind_rows(run);
    int32_t status = with(upscaler->opened, upscaler->options, source, NULL, level);
    if (status == ENL_OK && *level >= 0)
        status = upscaler->library->enl_options_set_integer(upscaler->options, option, *level);
    return status;
}

/* Sets what a preset or an option repairs in an old photograph. */
static int32_t find_damage(Run *run, Upscaler *upscaler, const enl_source *source)
{
    const Library *library = upscaler->library;
    enl_damage *damage = NULL;
    rewind_rows(run);
    int32_t status = library->enl_damage_find(upscaler->opened, upscaler->options, source, NULL, &damage);
    if (status == ENL_OK)
        status = library->enl_options_set_damage(upscaler->options, damage);
    library->enl_damage_free(damage);
    return status;
}

/* Enlarges the current layer of `run`. */
static gboolean enlarge(Run *run, Upscaler *upscaler, GError **error)
{
    const Library *library = upscaler->library;
    const TargetLayer *layer = run->layer;
    enl_source source = {.read = read_row,
                         .user_data = run,
                         .width = (uint32_t)layer->width,
                         .height = (uint32_t)layer->height,
                         .format = layer->format.code};
    enl_sink sink = {.write = write_row,
                     .user_data = run,
                     .width = (uint32_t)layer->to_width,
                     .height = (uint32_t)layer->to_height,
                     .format = layer->format.code};
    int32_t level = -1, level_in_faces = -1;
    gchar *faces = NULL;
    rewind_rows(run);
    int32_t status = faces_find(upscaler, layer->format.linear, &source, &faces);
    if (status == ENL_OK)
        status = find_damage(run, upscaler, &source);
    if (status == ENL_OK)
        status = measure(run, upscaler, library->enl_upscaler_measure, &source, "denoise", &level);
    if (status == ENL_OK)
        status = measure(run, upscaler, library->enl_upscaler_measure_faces, &source, "face_denoise", &level_in_faces);
    int32_t content = ENL_CONTENT_UNUSED;
    if (status == ENL_OK) {
        rewind_rows(run);
        status = library->enl_upscaler_measure_content(upscaler->opened, upscaler->options, &source, NULL, &content);
    }
    if (status == ENL_OK && content != ENL_CONTENT_UNUSED)
        status = library->enl_options_set(upscaler->options, "content",
                                          content == ENL_CONTENT_DRAWING ? "drawing" : "photo");
    if (status == ENL_OK) {
        rewind_rows(run);
        status =
            library->enl_upscaler_stream(upscaler->opened, upscaler->options, &source, NULL, NULL, show, run, &sink);
    }
    if (status == ENL_OK)
        note_provenance(run, upscaler);
    if (status == ENL_OK && faces)
        target_add_note(run->target, "No face was found, so the whole picture is enlarged alike.");
    if (level >= 0)
        library->enl_options_reset(upscaler->options, "denoise");
    if (level_in_faces >= 0)
        library->enl_options_reset(upscaler->options, "face_denoise");
    faces_forget(upscaler, faces);
    library->enl_options_set_damage(upscaler->options, NULL);
    if (content != ENL_CONTENT_UNUSED)
        library->enl_options_reset(upscaler->options, "content");
    rewind_rows(run);
    if (run->unread) {
        g_propagate_error(error, run->unread);
        return FALSE;
    }
    if (run->no_memory)
        return failed(error, GIMP_PDB_EXECUTION_ERROR,
                      "there is not enough memory; close other programs, or make the result smaller");
    return library_check(library, status, error);
}

/* The time mostly depends on the network's pixels; pixels that are only resampled count a little. */
static gboolean weigh(const Target *target, Upscaler *upscaler, gdouble *weights, gdouble *sum, GError **error)
{
    *sum = 0;
    for (guint index = 0; index < target->layers->len; index++) {
        enl_plan plan;
        if (!upscaler_plan(upscaler, target_layer_at(target, index), &plan, error))
            return FALSE;
        weights[index] = (gdouble)plan.network_pixels + (gdouble)plan.width * plan.height / 64;
        *sum += weights[index];
    }
    return TRUE;
}

/* Enlarges one layer, and adds the library's notes to the target's. */
static gboolean enlarge_layer(Run *run, guint index, Target *target, Upscaler *upscaler, GError **error)
{
    TargetLayer *layer = target_layer_at(target, index);
    enl_plan plan;
    /* Planning also sets the options for this layer. */
    if (!upscaler_plan(upscaler, layer, &plan, error))
        return FALSE;
    layer->result = result_new(layer->to_width, layer->to_height, layer->format.size);
    run->layer = layer;
    if (!enlarge(run, upscaler, error))
        return FALSE;
    gchar *notes = upscaler_text(upscaler, "notes");
    if (*notes && g_strcmp0(notes, upscaler->shown_notes) != 0)
        target_add_note(target, notes);
    /* The next layer does not repeat them. */
    g_free(upscaler->shown_notes);
    upscaler->shown_notes = notes;
    return TRUE;
}

static gchar *title(const Target *target, guint index)
{
    gchar *name = gimp_item_get_name(target_layer_at(target, index)->layer);
    if (target->layers->len == 1)
        return name;
    gchar *numbered = g_strdup_printf("%s (%u of %u)", name, index + 1, target->layers->len);
    g_free(name);
    return numbered;
}

gboolean job_run(Target *target, Upscaler *upscaler, GError **error)
{
    Run run = {.no_memory = FALSE, .target = target};
    gdouble *weights = g_new(gdouble, target->layers->len), sum, before = 0;
    gboolean fine = weigh(target, upscaler, weights, &sum, error);
    for (guint index = 0; fine && index < target->layers->len; index++) {
        gchar *name = title(target, index);
        progress_layer(&run.progress, name, before, weights[index] / sum);
        g_free(name);
        fine = enlarge_layer(&run, index, target, upscaler, error);
        before += weights[index] / sum;
    }
    progress_end(&run.progress);
    g_free(weights);
    return fine;
}
