/*
 * Widgets for options of the library, made from what an option says of itself.
 * A new choice of the library's is then in the dialog without a change here.
 * It must never know an option by its key.
 */
#ifndef WIDGETS_H
#define WIDGETS_H

#include <gtk/gtk.h>

#include "upscaler.h"

/* A combo box of an option's choices. */
typedef struct {
    GtkWidget *combo;
    gchar **values; /* in the combo box's order */
    gchar **help;   /* what each is for, in the same order; may be shorter */
} Choice;

/* On `wanted` if that is one of the choices, else on the default. To be freed with choice_free. */
Choice choice_new(const Upscaler *upscaler, const gchar *key, const gchar *wanted);
void choice_free(Choice *choice);

const gchar *choice_value(const Choice *choice);

/* What the chosen one is for; may be empty. */
const gchar *choice_help(const Choice *choice);

/* A whole number, or nothing said where the option's least value is -1: the library then takes what it thinks best. */
typedef struct {
    GtkWidget *box;
    GtkWidget *automatic; /* NULL where a number must be said */
    GtkWidget *spin;
} Number;

/* In an option's range; on the default where `wanted` is -1. */
Number number_new(const Upscaler *upscaler, const gchar *key, gint wanted);

/* The number, or -1. */
gint number_value(const Number *number);

#endif
