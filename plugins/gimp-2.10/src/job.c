/*
 * Streams layers from GIMP through the library into strips of memory.
 * All of it happens on one thread: the library calls back on the one that called it, and libgimp bears no second.
 * It must never keep a file, a lock or a process: GIMP's cancel kills this one, and none of its handlers would run.
 */
#include "job.h"

#include <string.h>

#include "failure.h"
#include "progress.h"

/* Rows that are asked of GIMP at once: a row of its tiles. */
#define ROWS 64

typedef struct {
    const Piece *piece;
    GeglBuffer *buffer;
    guchar *strip; /* the last rows that were read */
    gint first, rows;
    gboolean full; /* there was no memory for a row of the result */
    Progress progress;
} Run;

static int32_t read_row(void *user_data, uint32_t x, uint32_t y, void *row, size_t size)
{
    Run *run = user_data;
    const Piece *piece = run->piece;
    if ((gint)y >= run->first + run->rows) {
        run->first = (gint)y;
        run->rows = MIN(ROWS, piece->height - run->first);
        /* `x` and `size` are the same in the whole run. */
        GeglRectangle rectangle = {(gint)x, run->first, (gint)(size / piece->pixels.size), run->rows};
        if (!run->strip)
            run->strip = g_malloc_n(ROWS, size);
        gegl_buffer_get(run->buffer, &rectangle, 1.0, piece->pixels.format, run->strip, GEGL_AUTO_ROWSTRIDE,
                        GEGL_ABYSS_NONE);
    }
    memcpy(row, run->strip + (gsize)((gint)y - run->first) * size, size);
    return ENL_CONTINUE;
}

static int32_t write_row(void *user_data, uint32_t y, const void *row, size_t size)
{
    Run *run = user_data;
    (void)y; /* Rows come from the first to the last, each once. */
    run->full = !strips_add(run->piece->result, row, size);
    return run->full ? !ENL_CONTINUE : ENL_CONTINUE;
}

static int32_t show(void *user_data, const enl_progress *report)
{
    progress_show(&((Run *)user_data)->progress, report);
    return ENL_CONTINUE;
}

/* The next row to be read is any one; the rows that are held may be of another width. */
static void rewind_rows(Run *run)
{
    g_clear_pointer(&run->strip, g_free);
    run->first = run->rows = 0;
}

/* Enlarges the piece that `run` is at. */
static gboolean enlarge(Run *run, Upscaler *upscaler, GError **error)
{
    const Library *library = upscaler->library;
    const Piece *piece = run->piece;
    enl_source source = {.read = read_row,
                         .user_data = run,
                         .width = (uint32_t)piece->width,
                         .height = (uint32_t)piece->height,
                         .format = piece->pixels.code};
    enl_sink sink = {.write = write_row,
                     .user_data = run,
                     .width = (uint32_t)piece->to_width,
                     .height = (uint32_t)piece->to_height,
                     .format = piece->pixels.code};
    int32_t level = -1;
    run->buffer = gimp_drawable_get_buffer(piece->layer);
    rewind_rows(run);
    int32_t status = library->enl_upscaler_measure(upscaler->opened, upscaler->options, &source, NULL, &level);
    if (status == ENL_OK && level >= 0)
        status = library->enl_options_set_integer(upscaler->options, "denoise", level);
    if (status == ENL_OK) {
        rewind_rows(run);
        status =
            library->enl_upscaler_stream(upscaler->opened, upscaler->options, &source, NULL, NULL, show, run, &sink);
    }
    if (level >= 0)
        library->enl_options_reset(upscaler->options, "denoise");
    rewind_rows(run);
    g_object_unref(run->buffer);
    if (run->full)
        return failed(error, GIMP_PDB_EXECUTION_ERROR,
                      "there is not enough memory for this; close something, or make the result smaller");
    return library_check(library, status, error);
}

/* Time goes with what the network sees; what is only resampled counts a little. */
static gboolean weigh(const Target *target, Upscaler *upscaler, gdouble *weights, gdouble *sum, GError **error)
{
    *sum = 0;
    for (guint index = 0; index < target->pieces->len; index++) {
        enl_plan plan;
        if (!upscaler_plan(upscaler, target_piece(target, index), &plan, error))
            return FALSE;
        weights[index] = (gdouble)plan.network_pixels + (gdouble)plan.width * plan.height / 64;
        *sum += weights[index];
    }
    return TRUE;
}

/* Enlarges the piece of that number, and passes on what the library noted meanwhile. */
static gboolean next(Run *run, guint index, Target *target, Upscaler *upscaler, GError **error)
{
    Piece *piece = target_piece(target, index);
    enl_plan plan;
    /* Planning also sets the options to this piece. */
    if (!upscaler_plan(upscaler, piece, &plan, error))
        return FALSE;
    piece->result = strips_new(piece->to_width, piece->to_height, piece->pixels.size);
    run->piece = piece;
    if (!enlarge(run, upscaler, error))
        return FALSE;
    gchar *notes = upscaler_text(upscaler, "notes");
    if (*notes && g_strcmp0(notes, upscaler->told) != 0)
        target_say(target, notes);
    /* Of several layers the first says it. */
    g_free(upscaler->told);
    upscaler->told = notes;
    return TRUE;
}

static gchar *title(const Target *target, guint index)
{
    gchar *name = gimp_item_get_name(target_piece(target, index)->layer);
    if (target->pieces->len == 1)
        return name;
    gchar *numbered = g_strdup_printf("%s (%u of %u)", name, index + 1, target->pieces->len);
    g_free(name);
    return numbered;
}

gboolean job_run(Target *target, Upscaler *upscaler, GError **error)
{
    Run run = {.full = FALSE};
    gdouble *weights = g_new(gdouble, target->pieces->len), sum, before = 0;
    gboolean fine = weigh(target, upscaler, weights, &sum, error);
    for (guint index = 0; fine && index < target->pieces->len; index++) {
        gchar *name = title(target, index);
        progress_layer(&run.progress, name, before, weights[index] / sum);
        g_free(name);
        fine = next(&run, index, target, upscaler, error);
        before += weights[index] / sum;
    }
    progress_end(&run.progress);
    g_free(weights);
    return fine;
}
