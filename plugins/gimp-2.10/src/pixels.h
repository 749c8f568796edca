/*
 * How a drawable's pixels travel to the library and back.
 * GIMP has more types and encodings than the library, and nothing may be lost between the two.
 * It must never change what the numbers mean: only their type, and only where the library has no such type.
 */
#ifndef PIXELS_H
#define PIXELS_H

#include <libgimp/gimp.h>

typedef struct {
    const Babl *format;      /* GEGL's */
    gint32 code;             /* the library's: ENL_CHANNELS_* + ENL_SAMPLE_* */
    gsize size;              /* bytes of a pixel */
    gboolean linear;         /* numbers mean light, not its encoding; counts where the image has no colour profile */
} Pixels;

Pixels pixels_of(gint32 drawable);

/* The type of a layer that can hold such pixels. */
GimpImageType pixels_layer_type(gint32 drawable);

#endif
