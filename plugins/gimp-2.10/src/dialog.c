/*
 * Builds the dialog from GIMP's own widgets and keeps its line true.
 * A user sees before the work begins how large the result is and whether it can be done at all.
 * It must never let OK be pressed on what cannot be done.
 */
#include "dialog.h"

#include <libgimp/gimpui.h>

#include "widgets.h"

/* A factor of 0 here stands for one that is typed. */
static const struct {
    const gchar *label;
    gdouble factor;
} SIZES[] = {
    {"2 ×", 2}, {"3 ×", 3}, {"4 ×", 4}, {"6 ×", 6}, {"1 ×, better pixels only", 1}, {"Another factor", 0},
};

typedef struct {
    Arguments *arguments;
    Upscaler *upscaler;
    gint32 image, drawable;
    Choice preset, model;
    Number denoise, strength;
    GtkWidget *window, *table, *target, *size, *number, *line;
    gint rows;
    gdouble usual; /* the factor of the preset or the model, where nobody says it */
} Dialog;

static gchar *sentence(const gchar *text)
{
    gchar *result = g_strdup(text);
    if (*result)
        *result = g_ascii_toupper(*result);
    return result;
}

/* Adds up what all layers take: the work goes on one after another, the results are held together. */
static gboolean measure(const Target *target, Upscaler *upscaler, gdouble *bytes, GError **error)
{
    gdouble work = 0, held = 0;
    for (guint index = 0; index < target->pieces->len; index++) {
        const Piece *piece = target_piece(target, index);
        enl_plan plan;
        if (!upscaler_plan(upscaler, piece, &plan, error))
            return FALSE;
        work = MAX(work, (gdouble)plan.memory);
        held += (gdouble)plan.width * plan.height * (gdouble)piece->pixels.size;
    }
    *bytes = work + held;
    return TRUE;
}

/* What the chosen preset is for and what it is bad at; nothing where a model was chosen. */
static const gchar *about(const Dialog *dialog)
{
    return gtk_widget_get_sensitive(dialog->preset.combo) ? choice_help(&dialog->preset) : "";
}

/* What the result will be, or NULL and why it cannot be. */
static gchar *outcome(Dialog *dialog, GError **error)
{
    Upscaler *upscaler = dialog->upscaler;
    gdouble factor, bytes;
    if (!upscaler_open(upscaler, dialog->arguments, &factor, error))
        return NULL;
    Target *target = target_new(dialog->arguments->target, dialog->image, dialog->drawable, factor, error);
    gchar *text = NULL;
    if (target && measure(target, upscaler, &bytes, error)) {
        gchar *device = upscaler_text(upscaler, "device_name"), *engine = upscaler_text(upscaler, "engine");
        gchar *version = upscaler_text(upscaler, "engine_version"), *notes = upscaler_text(upscaler, "notes");
        text = g_strdup_printf(
            "%s%sThe result has %d × %d pixels and takes about %.0f MiB of memory, on %s with %s %s.%s%s", about(dialog),
            *about(dialog) ? "\n" : "", target->width, target->height, bytes / (1 << 20), device, engine, version,
            *notes ? "\n" : "", notes);
        g_free(upscaler->told);
        upscaler->told = notes;
        g_free(device);
        g_free(engine);
        g_free(version);
    }
    target_free(target);
    return text;
}

static void tell(Dialog *dialog)
{
    GError *error = NULL;
    gchar *text = outcome(dialog, &error);
    gtk_dialog_set_response_sensitive(GTK_DIALOG(dialog->window), GTK_RESPONSE_OK, text != NULL);
    if (!text)
        text = sentence(error->message);
    gtk_label_set_text(GTK_LABEL(dialog->line), text);
    g_free(text);
    g_clear_error(&error);
}

/* Whether an option has a meaning with what is chosen. */
static gboolean applies(const Dialog *dialog, const gchar *key)
{
    gchar *answer = upscaler_option(dialog->upscaler, key, "applies");
    gboolean yes = g_str_equal(answer, "yes");
    g_free(answer);
    return yes;
}

/* Another preset or model may take other options, and another size as a rule. */
static void adapt(Dialog *dialog)
{
    gchar *factor = upscaler_option(dialog->upscaler, "factor", "default");
    gdouble usual = g_ascii_strtod(factor, NULL), before = dialog->usual;
    g_free(factor);
    gtk_widget_set_sensitive(dialog->preset.combo, applies(dialog, "preset"));
    gtk_widget_set_sensitive(dialog->denoise.box, applies(dialog, "denoise"));
    dialog->usual = usual;
    /* What is for pictures of the same size is offered at that size, and what enlarges at none of one. */
    if (before != 0 && before != usual && (before == 1 || usual == 1))
        for (gint index = 0; index < (gint)G_N_ELEMENTS(SIZES); index++)
            if (SIZES[index].factor == (usual == 1 ? 1 : 2))
                gtk_combo_box_set_active(GTK_COMBO_BOX(dialog->size), index);
}

/* Takes what the widgets say. */
static void changed(GtkWidget *widget, gpointer user_data)
{
    Dialog *dialog = user_data;
    Arguments *arguments = dialog->arguments;
    (void)widget;
    g_strlcpy(arguments->preset, choice_value(&dialog->preset), sizeof arguments->preset);
    g_strlcpy(arguments->model, choice_value(&dialog->model), sizeof arguments->model);
    if (upscaler_want(dialog->upscaler, arguments, NULL))
        adapt(dialog);
    gint size = gtk_combo_box_get_active(GTK_COMBO_BOX(dialog->size));
    gboolean typed = SIZES[size].factor == 0;
    gtk_widget_set_visible(dialog->number, typed);
    arguments->target = (TargetKind)gtk_combo_box_get_active(GTK_COMBO_BOX(dialog->target));
    arguments->factor = typed ? gtk_spin_button_get_value(GTK_SPIN_BUTTON(dialog->number)) : SIZES[size].factor;
    arguments->denoise = gtk_widget_get_sensitive(dialog->denoise.box) ? number_value(&dialog->denoise) : -1;
    arguments->strength = number_value(&dialog->strength);
    tell(dialog);
}

/* `chosen` is what the label's letter goes to: the widget, or something in it. */
static void add_row(Dialog *dialog, const gchar *text, GtkWidget *widget, GtkWidget *chosen, const gchar *help)
{
    GtkTable *table = GTK_TABLE(dialog->table);
    GtkWidget *label = gimp_table_attach_aligned(table, 0, dialog->rows++, text, 0.0, 0.5, widget, 1, FALSE);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), chosen);
    gtk_widget_set_tooltip_text(widget, help);
}

static void add_target(Dialog *dialog)
{
    dialog->target = gtk_combo_box_text_new();
    /* In the order of TargetKind. */
    gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(dialog->target), "The whole image");
    gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(dialog->target), "A new image");
    gtk_combo_box_set_active(GTK_COMBO_BOX(dialog->target), (gint)dialog->arguments->target);
    add_row(dialog, "_Target:", dialog->target, dialog->target,
            "What becomes larger: the canvas and all layers, the chosen one by AI; or only that one, as a new image");
}

/* The same for what the library has a help of. */
static void add_option(Dialog *dialog, const gchar *key, const gchar *text, GtkWidget *widget, GtkWidget *chosen)
{
    gchar *help = upscaler_option(dialog->upscaler, key, "help");
    add_row(dialog, text, widget, chosen, help);
    g_free(help);
}

static void add_network(Dialog *dialog)
{
    const Arguments *arguments = dialog->arguments;
    dialog->preset = choice_new(dialog->upscaler, "preset", arguments->preset);
    dialog->model = choice_new(dialog->upscaler, "model", arguments->model);
    add_option(dialog, "preset", "_Preset:", dialog->preset.combo, dialog->preset.combo);
    add_option(dialog, "model", "_Model:", dialog->model.combo, dialog->model.combo);
}

static void add_work(Dialog *dialog)
{
    const Arguments *arguments = dialog->arguments;
    dialog->denoise = number_new(dialog->upscaler, "denoise", arguments->denoise);
    dialog->strength = number_new(dialog->upscaler, "strength", arguments->strength);
    add_option(dialog, "denoise", "_Denoise:", dialog->denoise.box, dialog->denoise.automatic);
    add_option(dialog, "strength", "St_rength (%):", dialog->strength.box, dialog->strength.spin);
}

static void add_size(Dialog *dialog)
{
    gchar *lowest = upscaler_option(dialog->upscaler, "factor", "minimum");
    gchar *highest = upscaler_option(dialog->upscaler, "factor", "maximum");
    gdouble factor = dialog->arguments->factor;
    GtkWidget *box = gtk_hbox_new(FALSE, 6);
    dialog->size = gtk_combo_box_text_new();
    dialog->number = gtk_spin_button_new_with_range(g_ascii_strtod(lowest, NULL), g_ascii_strtod(highest, NULL), 0.5);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(dialog->number), 2);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(dialog->number), factor);
    gtk_entry_set_activates_default(GTK_ENTRY(dialog->number), TRUE);
    gint proposed = G_N_ELEMENTS(SIZES) - 1;
    for (gint index = 0; index < (gint)G_N_ELEMENTS(SIZES); index++) {
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(dialog->size), SIZES[index].label);
        if (SIZES[index].factor == factor)
            proposed = index;
    }
    gtk_combo_box_set_active(GTK_COMBO_BOX(dialog->size), proposed);
    gtk_box_pack_start(GTK_BOX(box), dialog->size, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), dialog->number, FALSE, FALSE, 0);
    add_option(dialog, "factor", "_Size:", box, dialog->size);
    g_free(highest);
    g_free(lowest);
}

static void build(Dialog *dialog)
{
    dialog->window = gimp_dialog_new("Enlarge with AI", PROCEDURE, NULL, 0, NULL, NULL, GTK_STOCK_CANCEL,
                                     GTK_RESPONSE_CANCEL, GTK_STOCK_OK, GTK_RESPONSE_OK, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog->window), GTK_RESPONSE_OK);
    gtk_window_set_resizable(GTK_WINDOW(dialog->window), FALSE);
    gimp_window_set_transient(GTK_WINDOW(dialog->window));
    GtkWidget *box = gtk_vbox_new(FALSE, 12);
    gtk_container_set_border_width(GTK_CONTAINER(box), 12);
    gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(dialog->window))), box, TRUE, TRUE, 0);
    dialog->table = gtk_table_new(6, 2, FALSE);
    gtk_table_set_col_spacings(GTK_TABLE(dialog->table), 12);
    gtk_table_set_row_spacings(GTK_TABLE(dialog->table), 6);
    gtk_box_pack_start(GTK_BOX(box), dialog->table, FALSE, FALSE, 0);
    add_target(dialog);
    add_network(dialog);
    add_size(dialog);
    add_work(dialog);
    dialog->line = gtk_label_new(NULL);
    gtk_label_set_line_wrap(GTK_LABEL(dialog->line), TRUE);
    gtk_misc_set_alignment(GTK_MISC(dialog->line), 0, 0);
    /* Room for some sentences, so that the window does not jump. */
    gtk_widget_set_size_request(dialog->line, 420, 140);
    gtk_box_pack_start(GTK_BOX(box), dialog->line, FALSE, FALSE, 0);
    gtk_widget_show_all(dialog->window);
}

gboolean dialog_ask(Arguments *arguments, Upscaler *upscaler, gint32 image, gint32 drawable)
{
    Dialog dialog = {.arguments = arguments, .upscaler = upscaler, .image = image, .drawable = drawable};
    gimp_ui_init("enlarge-with-ai", FALSE);
    build(&dialog);
    GtkWidget *const combos[] = {dialog.target, dialog.preset.combo, dialog.model.combo, dialog.size};
    for (guint index = 0; index < G_N_ELEMENTS(combos); index++)
        g_signal_connect(combos[index], "changed", G_CALLBACK(changed), &dialog);
    GtkWidget *const numbers[] = {dialog.number, dialog.denoise.spin, dialog.strength.spin};
    g_signal_connect(dialog.denoise.automatic, "toggled", G_CALLBACK(changed), &dialog);
    for (guint index = 0; index < G_N_ELEMENTS(numbers); index++)
        g_signal_connect(numbers[index], "value-changed", G_CALLBACK(changed), &dialog);
    changed(dialog.window, &dialog);
    /* A list that has the focus would take the Return key for itself. */
    gtk_widget_grab_focus(gtk_dialog_get_widget_for_response(GTK_DIALOG(dialog.window), GTK_RESPONSE_OK));
    gboolean wanted = gimp_dialog_run(GIMP_DIALOG(dialog.window)) == GTK_RESPONSE_OK;
    gtk_widget_destroy(dialog.window);
    choice_free(&dialog.preset);
    choice_free(&dialog.model);
    return wanted;
}
