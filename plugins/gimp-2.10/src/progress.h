/*
 * The progress that GIMP shows while layers are enlarged: a fraction, tiles, and the time that is left.
 * A run can take minutes, so users need to see that it proceeds.
 * It must never go backwards, nor show a time before there is enough to estimate it from.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <libgimp/gimp.h>

#include "enlarger.h"

typedef struct {
    gchar *name;           /* of the current layer */
    gdouble before, share; /* the fraction done before this layer, and the share of this layer */
    gint64 shown;          /* when it was last shown, in microseconds */
    gint64 first_time, last_time; /* of the first and the last progress, in microseconds */
    gdouble first, last;          /* the fractions at these times */
} Progress;

/* Begins a layer. For the first one, the struct must be zero. */
void progress_layer(Progress *progress, const gchar *name, gdouble before, gdouble share);

/* Shows a report of the library. */
void progress_show(Progress *progress, const enl_progress *report);

void progress_end(Progress *progress);

#endif
