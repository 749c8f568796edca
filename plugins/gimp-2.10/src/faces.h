/*
 * The faces of a layer, for presets that treat faces in a way of their own.
 * The library cannot look for them while it streams, because it reads each row only once.
 * Nothing here may choose among them: GIMP 2.10 shows no faces.
 */
#ifndef FACES_H
#define FACES_H

#include "upscaler.h"

/*
 * Looks for the faces in a source if a run with the upscaler's options wants to know them, and sets the options to what was
 * found. Returns a status of the library. `before`: what the option "faces" was if there is no face, otherwise NULL.
 */
int32_t faces_find(Upscaler *upscaler, gboolean linear, const enl_source *source, gchar **before);

/* Sets the options to what they were before faces_find(), and frees `before`. */
void faces_forget(Upscaler *upscaler, gchar *before);

#endif
