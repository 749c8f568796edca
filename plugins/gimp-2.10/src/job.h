/*
 * A run: every chosen layer through the library, one after another.
 * GIMP's pixels are read in strips and the results are held outside GIMP: one copy of the result, none of the source.
 * It must never change an image.
 */
#ifndef JOB_H
#define JOB_H

#include "target.h"
#include "upscaler.h"

/* Enlarges all pieces of a target; their results are complete if it returns TRUE. */
gboolean job_run(Target *target, Upscaler *upscaler, GError **error);

#endif
