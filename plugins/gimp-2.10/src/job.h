/*
 * A run: enlarges every layer of a target, one after another.
 * It reads GIMP's pixels in strips and keeps the results outside GIMP: one copy of the result, none of the source.
 * It must never change an image.
 */
#ifndef JOB_H
#define JOB_H

#include "target.h"
#include "upscaler.h"

/* Enlarges all layers of a target; if it returns TRUE, all results are complete. */
gboolean job_run(Target *target, Upscaler *upscaler, GError **error);

#endif
