/*
 * A result that is not in GIMP yet: its rows, a number of them together.
 * A cancel in GIMP ends this process at once; what is only here is then gone, and nothing half-made is left.
 * It must never put anything on disk, which a cancel would leave behind.
 */
#ifndef STRIPS_H
#define STRIPS_H

#include <glib-object.h>
#include <gegl.h>

typedef struct {
    GPtrArray *strips;
    gsize row;    /* bytes of a row */
    gint width;
    gint height;
    gint held;    /* rows */
} Strips;

Strips *strips_new(gint width, gint height, gsize pixel);
void strips_free(Strips *strips);

/* Adds the next row; FALSE if there is no memory for it. */
gboolean strips_add(Strips *strips, const void *row, gsize size);

/* Puts all of it into a buffer, letting go of each strip once it is there, so that there are never two copies. */
void strips_move(Strips *strips, GeglBuffer *buffer, const Babl *format);

#endif
