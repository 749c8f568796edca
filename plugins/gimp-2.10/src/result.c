/*
 * Keeps the rows of a result until all results are complete.
 * Each strip is a block of memory of its own, so that it can be freed as soon as GIMP has it.
 * It must never end the process for a lack of memory.
 */
#include "result.h"

#include <string.h>

/* The rows of a strip: whole tiles of GIMP. Writing fewer rows at once takes longer. */
#define ROWS 256

Result *result_new(gint width, gint height, gsize pixel_size)
{
    Result *result = g_new0(Result, 1);
    result->strips = g_ptr_array_new_with_free_func(g_free);
    result->row_size = (gsize)width * pixel_size;
    result->width = width;
    result->height = height;
    return result;
}

void result_free(Result *result)
{
    if (!result)
        return;
    g_ptr_array_free(result->strips, TRUE);
    g_free(result);
}

static gint rows_from(const Result *result, gint first)
{
    return MIN(ROWS, result->height - first);
}

gboolean result_add_row(Result *result, const void *row, gsize size)
{
    gint within = result->rows % ROWS;
    if (within == 0) {
        gpointer strip = g_try_malloc_n((gsize)rows_from(result, result->rows), result->row_size);
        if (!strip)
            return FALSE;
        g_ptr_array_add(result->strips, strip);
    }
    guchar *strip = g_ptr_array_index(result->strips, result->strips->len - 1);
    memcpy(strip + (gsize)within * result->row_size, row, MIN(size, result->row_size));
    result->rows++;
    return TRUE;
}

void result_move(Result *result, GeglBuffer *buffer, const Babl *format)
{
    for (guint index = 0; index < result->strips->len; index++) {
        gint y = (gint)index * ROWS;
        GeglRectangle rectangle = {0, y, result->width, rows_from(result, y)};
        gegl_buffer_set(buffer, &rectangle, 0, format, result->strips->pdata[index], GEGL_AUTO_ROWSTRIDE);
        g_free(g_steal_pointer(&result->strips->pdata[index]));
    }
}
