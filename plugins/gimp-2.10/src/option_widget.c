/*
 * Makes a combo box, a check box or a spin button, by the option's type.
 * The library's rule for whole numbers: a default that is the minimum, and 0 or -1, lets the library decide.
 * It must never show a choice that the library does not have.
 */
#include "option_widget.h"

#include <string.h>

/* Up to here a spin button's number is an exact whole number. */
#define LAST 9007199254740992.0

static void build_choice(OptionWidget *option, const Upscaler *upscaler, const gchar *value)
{
    gchar *values = upscaler_option(upscaler, option->key, "choices");
    gchar *labels = upscaler_option(upscaler, option->key, "choice_labels");
    gchar *help = upscaler_option(upscaler, option->key, "choice_help");
    gchar **names = g_strsplit(labels, "\n", -1);
    option->values = g_strsplit(values, "\n", -1);
    option->help = g_strsplit(help, "\n", -1);
    option->widget = option->focus = option->combo = gtk_combo_box_text_new();
    for (gint index = 0; option->values[index] && names[index]; index++)
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(option->combo), names[index]);
    /* The choice of the last time may not exist any more; the default always does. */
    if (value && !g_strv_contains((const gchar *const *)option->values, value))
        option->missing = g_strdup(value);
    option_widget_choose(option, option->missing ? NULL : value);
    g_strfreev(names);
    g_free(help);
    g_free(labels);
    g_free(values);
}

static void build_switch(OptionWidget *option, const gchar *value)
{
    option->widget = option->focus = option->check = gtk_check_button_new();
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(option->check), g_str_equal(value ? value : option->usual, "on"));
}

static void toggled(GtkToggleButton *automatic, gpointer spin)
{
    gtk_widget_set_sensitive(GTK_WIDGET(spin), !gtk_toggle_button_get_active(automatic));
}

static void build_number(OptionWidget *option, const Upscaler *upscaler, const gchar *value, gboolean whole)
{
    gchar *minimum = upscaler_option(upscaler, option->key, "minimum");
    gchar *maximum = upscaler_option(upscaler, option->key, "maximum");
    gdouble lowest = g_ascii_strtod(minimum, NULL), highest = MIN(g_ascii_strtod(maximum, NULL), LAST);
    gdouble usual = g_ascii_strtod(option->usual, NULL), now = value ? g_ascii_strtod(value, NULL) : usual;
    gboolean automatic = whole && usual == lowest && lowest <= 0;
    option->digits = whole ? 0 : 2;
    option->widget = gtk_hbox_new(FALSE, 6);
    option->spin = option->focus =
        gtk_spin_button_new_with_range(automatic ? lowest + 1 : lowest, highest, whole ? 1 : 0.1);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(option->spin), (guint)option->digits);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(option->spin), now);
    gtk_entry_set_width_chars(GTK_ENTRY(option->spin), 8);
    gtk_entry_set_activates_default(GTK_ENTRY(option->spin), TRUE);
    if (automatic) {
        option->automatic = option->focus = gtk_check_button_new_with_label("Automatic");
        g_signal_connect(option->automatic, "toggled", G_CALLBACK(toggled), option->spin);
        gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(option->automatic), now == usual);
        gtk_box_pack_start(GTK_BOX(option->widget), option->automatic, FALSE, FALSE, 0);
    }
    gtk_box_pack_start(GTK_BOX(option->widget), option->spin, TRUE, TRUE, 0);
    g_free(maximum);
    g_free(minimum);
}

OptionWidget *option_widget_new(const Upscaler *upscaler, const gchar *key, const gchar *value)
{
    OptionWidget *option = g_new0(OptionWidget, 1);
    gchar *type = upscaler_option(upscaler, key, "type");
    option->key = g_strdup(key);
    option->usual = upscaler_option(upscaler, key, "default");
    if (g_str_equal(type, "choice"))
        build_choice(option, upscaler, value);
    else if (g_str_equal(type, "boolean"))
        build_switch(option, value);
    else
        build_number(option, upscaler, value, g_str_equal(type, "integer"));
    g_free(type);
    return option;
}

void option_widget_free(OptionWidget *option)
{
    g_strfreev(option->values);
    g_strfreev(option->help);
    g_free(option->missing);
    g_free(option->usual);
    g_free(option->key);
    g_free(option);
}

void option_widget_connect(OptionWidget *option, GCallback changed, gpointer user_data)
{
    if (option->combo)
        g_signal_connect(option->combo, "changed", changed, user_data);
    if (option->check)
        g_signal_connect(option->check, "toggled", changed, user_data);
    if (option->automatic)
        g_signal_connect(option->automatic, "toggled", changed, user_data);
    if (option->spin)
        g_signal_connect(option->spin, "value-changed", changed, user_data);
}

gchar *option_widget_value(const OptionWidget *option)
{
    gchar *value;
    if (option->combo)
        value = g_strdup(option->values[gtk_combo_box_get_active(GTK_COMBO_BOX(option->combo))]);
    else if (option->check)
        value = g_strdup(gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(option->check)) ? "on" : "off");
    else if (option->automatic && gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(option->automatic)))
        return NULL;
    else {
        gchar number[G_ASCII_DTOSTR_BUF_SIZE];
        gdouble now = gtk_spin_button_get_value(GTK_SPIN_BUTTON(option->spin));
        if (now == g_ascii_strtod(option->usual, NULL))
            return NULL;
        return g_strdup(g_ascii_formatd(number, sizeof number, option->digits ? "%.2f" : "%.0f", now));
    }
    if (g_str_equal(value, option->usual))
        g_clear_pointer(&value, g_free);
    return value;
}

void option_widget_choose(OptionWidget *option, const gchar *value)
{
    for (gint index = 0; option->values[index]; index++)
        if (g_str_equal(option->values[index], value ? value : option->usual))
            gtk_combo_box_set_active(GTK_COMBO_BOX(option->combo), index);
}

const gchar *option_widget_help(const OptionWidget *option)
{
    gint index = gtk_combo_box_get_active(GTK_COMBO_BOX(option->combo));
    return index < (gint)g_strv_length(option->help) ? option->help[index] : "";
}
