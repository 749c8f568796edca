/*
 * A widget for an option of the library, made from the option's description.
 * So a new option appears in the dialog without a change here.
 * It must never know an option by its key.
 */
#ifndef OPTION_WIDGET_H
#define OPTION_WIDGET_H

#include <gtk/gtk.h>

#include "upscaler.h"

typedef struct {
    gchar *key;
    GtkWidget *widget; /* the whole widget, for the dialog */
    GtkWidget *focus;  /* the part that gets the focus */
    /* The parts; those that the option's type does not need are NULL. */
    GtkWidget *combo, *check, *automatic, *spin;
    gchar **values; /* of a choice, in the order of the combo box */
    gchar **help;   /* what each choice is for, in the same order; may be shorter */
    gchar *usual;   /* the default, as a text */
    gchar *missing; /* the choice of the last time if it does not exist any more; otherwise NULL */
    gint digits;    /* of a number, after the decimal point */
} OptionWidget;

/* A widget with a value, or with the default if the value is NULL or not valid. To be freed with option_widget_free. */
OptionWidget *option_widget_new(const Upscaler *upscaler, const gchar *key, const gchar *value);
void option_widget_free(OptionWidget *option);

/* Has the widget call changed(widget, user_data) after each change. */
void option_widget_connect(OptionWidget *option, GCallback changed, gpointer user_data);

/* The value as a text, to be freed with g_free; NULL for the default. */
gchar *option_widget_value(const OptionWidget *option);

/* Selects a choice, or the default for NULL. */
void option_widget_choose(OptionWidget *option, const gchar *value);

/* What the selected choice is for; may be empty. */
const gchar *option_widget_help(const OptionWidget *option);

#endif
