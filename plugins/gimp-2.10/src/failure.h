/*
 * A failure: a message, and the status that the procedure returns to GIMP.
 * All parts report failures in this way, so that only main.c decides how the user sees them.
 * A message must never give a reason without saying what the user can do.
 */
#ifndef FAILURE_H
#define FAILURE_H

#include <libgimp/gimp.h>

/* Sets an error whose code is a GimpPDBStatusType; returns FALSE, so that a function can return the result. */
gboolean failed(GError **error, GimpPDBStatusType status, const gchar *format, ...) G_GNUC_PRINTF(3, 4);

#endif
