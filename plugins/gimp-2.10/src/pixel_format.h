/*
 * The format in which a drawable's pixels go to the library and back.
 * GIMP has more types and encodings than the library, and nothing may be lost between the two.
 * It must never change what the numbers mean: only their type, and only if the library does not have that type.
 */
#ifndef PIXEL_FORMAT_H
#define PIXEL_FORMAT_H

#include <libgimp/gimp.h>

typedef struct {
    const Babl *babl; /* GEGL's format */
    gint32 code;      /* the library's format: ENL_CHANNELS_* + ENL_SAMPLE_* */
    gsize size;       /* bytes of a pixel */
    gboolean linear;  /* numbers are linear light; only relevant if the image has no colour profile */
} PixelFormat;

PixelFormat pixel_format_of(gint32 drawable);

/* The type of a layer for the drawable's pixels. */
GimpImageType pixel_format_layer_type(gint32 drawable);

#endif
