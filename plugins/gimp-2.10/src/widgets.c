/*
 * Makes combo boxes and numbers from descriptions.
 */
#include "widgets.h"

Choice choice_new(const Upscaler *upscaler, const gchar *key, const gchar *wanted)
{
    gchar *values = upscaler_option(upscaler, key, "choices"), *labels = upscaler_option(upscaler, key, "choice_labels");
    gchar *help = upscaler_option(upscaler, key, "choice_help"), *usual = upscaler_option(upscaler, key, "default");
    gchar **names = g_strsplit(labels, "\n", -1);
    Choice choice = {.combo = gtk_combo_box_text_new(),
                     .values = g_strsplit(values, "\n", -1),
                     .help = g_strsplit(help, "\n", -1)};
    /* The one of last time may be gone; the library's default is always there. */
    const gchar *proposed = g_strv_contains((const gchar *const *)choice.values, wanted) ? wanted : usual;
    for (gint index = 0; choice.values[index] && names[index]; index++) {
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(choice.combo), names[index]);
        if (g_str_equal(choice.values[index], proposed))
            gtk_combo_box_set_active(GTK_COMBO_BOX(choice.combo), index);
    }
    g_strfreev(names);
    g_free(usual);
    g_free(help);
    g_free(labels);
    g_free(values);
    return choice;
}

void choice_free(Choice *choice)
{
    g_strfreev(choice->values);
    g_strfreev(choice->help);
}

const gchar *choice_value(const Choice *choice)
{
    return choice->values[gtk_combo_box_get_active(GTK_COMBO_BOX(choice->combo))];
}

const gchar *choice_help(const Choice *choice)
{
    gint index = gtk_combo_box_get_active(GTK_COMBO_BOX(choice->combo));
    return index < (gint)g_strv_length(choice->help) ? choice->help[index] : "";
}

static void toggled(GtkToggleButton *automatic, gpointer spin)
{
    gtk_widget_set_sensitive(GTK_WIDGET(spin), !gtk_toggle_button_get_active(automatic));
}

Number number_new(const Upscaler *upscaler, const gchar *key, gint wanted)
{
    gchar *least = upscaler_option(upscaler, key, "minimum"), *most = upscaler_option(upscaler, key, "maximum");
    gchar *usual = upscaler_option(upscaler, key, "default");
    gdouble lowest = g_ascii_strtod(least, NULL), value = wanted < 0 ? g_ascii_strtod(usual, NULL) : wanted;
    Number number = {.box = gtk_hbox_new(FALSE, 6), .automatic = NULL};
    number.spin = gtk_spin_button_new_with_range(MAX(lowest, 0), g_ascii_strtod(most, NULL), 1);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(number.spin), MAX(value, 0));
    gtk_entry_set_activates_default(GTK_ENTRY(number.spin), TRUE);
    if (lowest < 0) {
        number.automatic = gtk_check_button_new_with_label("Automatic");
        g_signal_connect(number.automatic, "toggled", G_CALLBACK(toggled), number.spin);
        gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(number.automatic), value < 0);
        gtk_box_pack_start(GTK_BOX(number.box), number.automatic, FALSE, FALSE, 0);
    }
    gtk_box_pack_start(GTK_BOX(number.box), number.spin, TRUE, TRUE, 0);
    g_free(usual);
    g_free(most);
    g_free(least);
    return number;
}

gint number_value(const Number *number)
{
    gboolean automatic = number->automatic && gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(number->automatic));
    return automatic ? -1 : gtk_spin_button_get_value_as_int(GTK_SPIN_BUTTON(number->spin));
}
