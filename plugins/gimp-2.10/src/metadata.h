/*
 * Writes into an image's metadata how it was made.
 * It must never drop what the metadata had.
 */
#ifndef METADATA_H
#define METADATA_H

#include "target.h"

/* Records in the image what made its layers; GIMP makes an undo step of it. Returns whether GIMP accepted it. */
gboolean metadata_record(gint32 image, const Target *target);

#endif
