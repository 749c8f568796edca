/*
 * The library's objects for one run of the plug-in: the registry, the options, and an upscaler.
 * The dialog plans again after each change, so a new upscaler is only made if an option changed that counts for making it.
 * It must never choose an option: the arguments do.
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
    GString *opening;    /* the options that count for making an upscaler, as a text */
    gchar *opened_for;   /* the same for `opened` */
    gchar *shown_notes;  /* notes that the dialog has shown; may be NULL */
    GBytes *profile;     /* the image's colour profile; NULL if its colours are sRGB */
} Upscaler;

/* Loads the library, and makes the objects for an image; does not open a model yet. */
Upscaler *upscaler_new(gint32 image, GError **error);
void upscaler_free(Upscaler *upscaler);

/* Looks for the models again, and closes the opened upscaler, whose model may not exist any more. Options have their defaults
 * then. On failure nothing changes. */
gboolean upscaler_refresh(Upscaler *upscaler, GError **error);

/* Sets the options of the arguments, without size and colours, so that descriptions fit them. */
gboolean upscaler_set_options(Upscaler *upscaler, const Arguments *arguments, GError **error);

/* Sets the options, makes the upscaler if necessary, and gives the factor: of the arguments, or by default its own. */
gboolean upscaler_open(Upscaler *upscaler, const Arguments *arguments, gdouble *factor, GError **error);

/* Plans a layer, and sets `options` for it. */
gboolean upscaler_plan(Upscaler *upscaler, const TargetLayer *layer, enl_plan *plan, GError **error);

/* Sets the colour profile or the colour space of the image's pixels in some options. Returns a status of the library. */
int32_t upscaler_set_colour(const Upscaler *upscaler, enl_options *options, gboolean linear);

/* A property of the opened upscaler; to be freed with g_free. */
gchar *upscaler_text(const Upscaler *upscaler, const gchar *property);

/* What a result of a picture of this size says about how it was made; NULL if it is not known. To be freed with g_free. */
gchar *upscaler_provenance(const Upscaler *upscaler, gint width, gint height, const gchar *property);

/* A property of an option; to be freed with g_free. */
gchar *upscaler_option(const Upscaler *upscaler, const gchar *key, const gchar *property);

/* The keys of all options, in the library's order; to be freed with g_strfreev. */
gchar **upscaler_option_keys(const Upscaler *upscaler);

#endif
