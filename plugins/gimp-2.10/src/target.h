/*
 * The target: what becomes of the selected layers, either in the enlarged image or in a new image.
 * Sizes and positions are known before anything runs, for the dialog as for the job.
 * It must never change an image before all results are complete; only commit.c changes it then.
 */
#ifndef TARGET_H
#define TARGET_H

#include "arguments.h"
#include "pixel_format.h"
#include "result.h"

/* A layer that AI enlarges, and where it lies in the enlarged image. */
typedef struct {
    gint32 layer;
    gint width, height;
    PixelFormat format;
    gint to_x, to_y, to_width, to_height;
    Result *result; /* NULL until it is enlarged */
} TargetLayer;

typedef struct {
    TargetKind kind;
    gint32 image;
    gint canvas_width, canvas_height;
    gint width, height; /* of the image with the result */
    GArray *layers;     /* of TargetLayer */
    GString *notes;     /* sentences to show to the user at the end */
    gchar *software;    /* what made the results, in one line; NULL until a layer is enlarged */
    gchar *source_type; /* the URI of IPTC's digital source type of the results */
} Target;

/* The target for a drawable: a layer, a mask for its layer, or a group for its layers. */
Target *target_new(TargetKind kind, gint32 image, gint32 drawable, gdouble factor, GError **error);
void target_free(Target *target);

/* Adds a sentence to show to the user at the end. */
void target_add_note(Target *target, const gchar *note);

/* Whether the image and its layers are still as they were: the user can change them during a run. */
gboolean target_check(const Target *target, GError **error);

#define target_layer_at(target, index) (&g_array_index((target)->layers, TargetLayer, (index)))

/* Writes the results to the image or to a new one, and returns it. Cannot be cancelled. */
gint32 target_commit(Target *target);

#endif
