/*
 * Holds the rows of a result until all are complete.
 * Each strip is memory of its own, so that it goes back to the system as soon as GIMP has it.
 * It must never end the process where memory is short: the user has an image open that is not saved.
 */
#include "strips.h"

#include <string.h>

/* Whole tiles of GIMP's; in fewer rows writing takes longer. */
#define ROWS 256

Strips *strips_new(gint width, gint height, gsize pixel)
{
    Strips *strips = g_new0(Strips, 1);
    strips->strips = g_ptr_array_new_with_free_func(g_free);
    strips->row = (gsize)width * pixel;
    strips->width = width;
    strips->height = height;
    return strips;
}

void strips_free(Strips *strips)
{
    if (!strips)
        return;
    g_ptr_array_free(strips->strips, TRUE);
    g_free(strips);
}

static gint rows_from(const Strips *strips, gint first)
{
    return MIN(ROWS, strips->height - first);
}

gboolean strips_add(Strips *strips, const void *row, gsize size)
{
    gint within = strips->held % ROWS;
    if (within == 0) {
        gpointer strip = g_try_malloc_n((gsize)rows_from(strips, strips->held), strips->row);
        if (!strip)
            return FALSE;
        g_ptr_array_add(strips->strips, strip);
    }
    guchar *strip = g_ptr_array_index(strips->strips, strips->strips->len - 1);
    memcpy(strip + (gsize)within * strips->row, row, MIN(size, strips->row));
    strips->held++;
    return TRUE;
}

void strips_move(Strips *strips, GeglBuffer *buffer, const Babl *format)
{
    for (guint index = 0; index < strips->strips->len; index++) {
        gint y = (gint)index * ROWS;
        GeglRectangle rectangle = {0, y, strips->width, rows_from(strips, y)};
        gegl_buffer_set(buffer, &rectangle, 0, format, strips->strips->pdata[index], GEGL_AUTO_ROWSTRIDE);
        g_free(g_steal_pointer(&strips->strips->pdata[index]));
    }
}
