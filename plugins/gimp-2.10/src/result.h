/*
 * The rows of a result before GIMP gets them, in strips.
 * A cancel in GIMP ends this process at once; results that only exist here then leave nothing behind.
 * It must never use a file, which a cancel would leave behind.
 */
#ifndef RESULT_H
#define RESULT_H

#include <glib-object.h>
#include <gegl.h>

typedef struct {
    GPtrArray *strips;
    gsize row_size; /* in bytes */
    gint width;
    gint height;
    gint rows;      /* that were added */
} Result;

Result *result_new(gint width, gint height, gsize pixel_size);
void result_free(Result *result);

/* Adds the next row; FALSE if there is not enough memory. */
gboolean result_add_row(Result *result, const void *row, gsize size);

/* Moves the rows to a buffer. Each strip is freed at once, so that there are never two copies of the whole. */
void result_move(Result *result, GeglBuffer *buffer, const Babl *format);

#endif
