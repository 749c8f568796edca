/*
 * The dialog: target, model, size, and a line that says what the result will be and what it takes.
 * What it offers beside the target comes from the library, which describes its own options.
 * It must never change anything but the arguments.
 */
#ifndef DIALOG_H
#define DIALOG_H

#include "upscaler.h"

/* Shows it, starting from `arguments`; whether the user wants it done. They are as chosen then. */
gboolean dialog_ask(Arguments *arguments, Upscaler *upscaler, gint32 image, gint32 drawable);

#endif
