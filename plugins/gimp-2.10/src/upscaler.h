/*
 * The library's objects for one run of the plug-in: what models there are, what is wanted, and a model opened for that.
 * A dialog plans again with each change, so that a model is opened anew only where the change counts for opening.
 * It must never decide what is wanted: that is the arguments' part.
 */
#ifndef UPSCALER_H
#define UPSCALER_H

#include "arguments.h"
#include "library.h"
#include "target.h"

typedef struct {
    const Library *library;
    enl_registry *registry;
    enl_options *options;
    enl_upscaler *opened;
    Arguments wanted;  /* what `opened` was opened for */
    gchar *told;       /* notes that the dialog has shown; may be NULL */
    GBytes *profile;   /* the image's colour profile; NULL where its colours are sRGB */
} Upscaler;

/* For one image. Loads the library; opens no model yet. */
Upscaler *upscaler_new(gint32 image, GError **error);
void upscaler_free(Upscaler *upscaler);

/* Sets the options to what is wanted, but for sizes and colours, so that they describe themselves for that. */
gboolean upscaler_want(Upscaler *upscaler, const Arguments *wanted, GError **error);

/* Opens what is wanted, if it is not open, and tells the factor: the wanted one, or the preset's or the model's own. */
gboolean upscaler_open(Upscaler *upscaler, const Arguments *wanted, gdouble *factor, GError **error);

/* What enlarging a layer takes; makes `options` ready for it. */
gboolean upscaler_plan(Upscaler *upscaler, const Piece *piece, enl_plan *plan, GError **error);

/* What the opened model says of itself by a property; to be freed with g_free. */
gchar *upscaler_text(const Upscaler *upscaler, const gchar *property);

/* What an option says of itself by a property; to be freed with g_free. */
gchar *upscaler_option(const Upscaler *upscaler, const gchar *key, const gchar *property);

#endif
