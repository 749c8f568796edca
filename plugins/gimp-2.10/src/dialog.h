/*
 * The dialog: the target, the size, the library's options, and a summary of the result.
 * All options but the target come from the library's descriptions.
 * It must never change anything but the arguments.
 */
#ifndef DIALOG_H
#define DIALOG_H

#include "upscaler.h"

/* Shows the dialog with the arguments, and changes them to the user's; returns whether the user pressed OK. */
gboolean dialog_run(Arguments *arguments, Upscaler *upscaler, gint32 image, gint32 drawable);

#endif
