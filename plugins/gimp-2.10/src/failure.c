/*
 * Makes errors, all in one domain.
 * Their codes are what GIMP's procedures end with, so that nothing has to be translated on the way out.
 * It must never print: in a batch nobody would tell the text from GIMP's own.
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
