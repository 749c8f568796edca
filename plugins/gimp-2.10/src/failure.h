/*
 * What went wrong, as a sentence with the status that GIMP's procedures end with.
 * Every part that can fail says it in one way, so that main.c alone decides how the user hears it.
 * It must never name a reason without what the user can do.
 */
#ifndef FAILURE_H
#define FAILURE_H

#include <libgimp/gimp.h>

/* Sets an error whose code is a GimpPDBStatusType; returns FALSE, which a function can pass on. */
gboolean failed(GError **error, GimpPDBStatusType status, const gchar *format, ...) G_GNUC_PRINTF(3, 4);

#endif
