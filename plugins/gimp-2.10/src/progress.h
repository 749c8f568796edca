/*
 * What GIMP shows while a layer is enlarged: how far it is, tiles, and the time that is left.
 * Enlarging can take minutes, and nobody waits for what does not move.
 * It must never go backwards, nor tell a time before there is something to tell it from.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <libgimp/gimp.h>

#include "enlarger.h"

typedef struct {
    gchar *name;           /* of the layer that is enlarged now */
    gdouble before, share; /* its part of the whole */
    gint64 shown;          /* when it was shown last, in microseconds */
    gint64 first_time, last_time;
    gdouble first, last;
} Progress;

/* The next layer: `before` of the whole is done, and this is `share` of it. The first one begins from zeros. */
void progress_layer(Progress *progress, const gchar *name, gdouble before, gdouble share);

/* Shows a report of the library's. */
void progress_show(Progress *progress, const enl_progress *report);

void progress_end(Progress *progress);

#endif
