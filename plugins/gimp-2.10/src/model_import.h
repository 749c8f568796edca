/*
 * Adding a model: a file chooser, and the import with its progress.
 * The library finds out what the file is and what its network does, and takes seconds to minutes for it.
 * It must never return before the import has ended, and after an import it must always refresh the
 * upscaler's registry.
 */
#ifndef MODEL_IMPORT_H
#define MODEL_IMPORT_H

#include <gtk/gtk.h>

#include "upscaler.h"

/* Lets the user choose a file, and imports it. Returns the id of the model, to be freed with g_free. NULL without an error
 * if the user cancelled, or with an error if the file is refused. */
gchar *model_import_run(Upscaler *upscaler, GtkWindow *parent, GError **error);

#endif
