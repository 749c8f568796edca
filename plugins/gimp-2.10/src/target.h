/*
 * What becomes of the chosen layers: the whole image larger, or a new image.
 * Sizes and places are known before anything runs, for the dialog as for the job; the image is changed in one place.
 * It must never touch an image before all results are complete.
 */
#ifndef TARGET_H
#define TARGET_H

#include "arguments.h"
#include "pixels.h"
#include "strips.h"

/* A chosen layer, and where it lies in the result. */
typedef struct {
    gint32 layer;
    gint width, height;
    Pixels pixels;
    gint to_x, to_y, to_width, to_height;
    Strips *result; /* NULL until it is enlarged */
} Piece;

typedef struct {
    TargetKind kind;
    gint32 image;
    gint canvas_width, canvas_height;
    gint width, height; /* of the image that has the result */
    GArray *pieces;     /* of Piece */
    GString *said;      /* sentences for the user, collected */
} Target;

/* The target of a run on a drawable, which stands for a layer, or for all that are in a group. */
Target *target_new(TargetKind kind, gint32 image, gint32 drawable, gdouble factor, GError **error);
void target_free(Target *target);

/* A sentence for the user, for when it is done. */
void target_say(Target *target, const gchar *sentence);

/* Whether what was enlarged is still there as it was: GIMP lets the user go on meanwhile. */
gboolean target_check(const Target *target, GError **error);

#define target_piece(target, index) (&g_array_index((target)->pieces, Piece, (index)))

/* Puts the results into the image, or into a new one; returns the image that has them. Cannot be cancelled. */
gint32 target_commit(Target *target);

#endif
