/*
 * Makes errors, all in one domain.
 * Their codes are statuses of GIMP's procedures, so that main.c can return them as they are.
 * It must never print: in a batch, the text would look like GIMP's own.
 */
#include "failure.h"

gboolean failed(GError **error, GimpPDBStatusType status, const gchar *format, ...)
{
    va_list values;
    va_start(values, format);
    g_propagate_error(error, g_error_new_valist(g_quark_from_static_string("enlarger"), (gint)status, format, values));
    va_end(values);
    return FALSE;
}
