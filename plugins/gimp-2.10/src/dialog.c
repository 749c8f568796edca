/*
 * Builds the dialog from GIMP's own widgets, and updates its summary after each change.
 * The library's options are shown by their group: "main" always, "more" and "advanced" each below an expander; the size has a
 * chooser here.
 * It must never enable OK for something that is not possible.
 */
#include "dialog.h"

#include <libgimp/gimpui.h>

#include "model_import.h"
#include "option_widget.h"

/* The size chooser. A factor of 0 means that the user types it. */
static const struct {
    const gchar *label;
    gdouble factor;
} SIZES[] = {
    {"2 ×", 2}, {"3 ×", 3}, {"4 ×", 4}, {"6 ×", 6}, {"1 ×, restore only", 1}, {"Another factor", 0},
};

typedef struct {
    Arguments *arguments;
    Upscaler *upscaler;
    gint32 image, drawable;
    GPtrArray *options;   /* of OptionWidget */
    OptionWidget *preset; /* one of them */
    GtkWidget *window, *main, *more, *advanced, *target, *size, *number, *line;
    GtkWidget *notice, *notice_text; /* what failed, or does not exist any more */
    gboolean building;               /* the widgets do not show the user's choices yet */
    gdouble usual_factor; /* the default factor of the preset or the model */
} Dialog;

static gchar *capitalized(const gchar *text)
{
    gchar *result = g_strdup(text);
    if (*result)
        *result = g_ascii_toupper(*result);
    return result;
}

/* The memory of a run: layers are enlarged one after another, and all results wait until the end. */
static gboolean estimate_memory(const Target *target, Upscaler *upscaler, gdouble *bytes, GError **error)
{
    gdouble work = 0, results = 0;
    for (guint index = 0; index < target->layers->len; index++) {
        const TargetLayer *layer = target_layer_at(target, index);
        enl_plan plan;
        if (!upscaler_plan(upscaler, layer, &plan, error))
            return FALSE;
        work = MAX(work, (gdouble)plan.memory);
        results += (gdouble)plan.width * plan.height * (gdouble)layer->format.size;
    }
    *bytes = work + results;
    return TRUE;
}

/* What the chosen preset is for and what it does badly; empty if a model or a method was chosen. */
static const gchar *preset_help(const Dialog *dialog)
{
    return gtk_widget_get_sensitive(dialog->preset->widget) ? option_widget_help(dialog->preset) : "";
}

/* A text about the result and what it takes, or NULL and why it is not possible. */
static gchar *summary(Dialog *dialog, GError **error)
{
    Upscaler *upscaler = dialog->upscaler;
    gdouble factor, bytes;
    if (!upscaler_open(upscaler, dialog->arguments, &factor, error))
        return NULL;
    Target *target = target_new(dialog->arguments->target, dialog->image, dialog->drawable, factor, error);
    gchar *text = NULL;
    if (target && estimate_memory(target, upscaler, &bytes, error)) {
        gchar *device = upscaler_text(upscaler, "device_name"), *engine = upscaler_text(upscaler, "engine");
        gchar *version = upscaler_text(upscaler, "engine_version"), *notes = upscaler_text(upscaler, "notes");
        const gchar *help = preset_help(dialog);
        /* A method runs on no engine. */
        gchar *where = *engine ? g_strdup_printf(", on %s with %s %s", device, engine, version)
                               : g_strdup(", and no network runs");
        text = g_strdup_printf("%s%sThe result has %d × %d pixels and takes about %.0f MiB of memory%s.%s%s", help,
                               *help ? "\n" : "", target->width, target->height, bytes / (1 << 20), where,
                               *notes ? "\n" : "", notes);
        g_free(where);
        g_free(upscaler->shown_notes);
        upscaler->shown_notes = notes;
        g_free(device);
        g_free(engine);
        g_free(version);
    }
    target_free(target);
    return text;
}

static void update_summary(Dialog *dialog)
{
    GError *error = NULL;
    gchar *text = summary(dialog, &error);
    gtk_dialog_set_response_sensitive(GTK_DIALOG(dialog->window), GTK_RESPONSE_OK, text != NULL);
    if (!text)
        text = capitalized(error->message);
    gtk_label_set_text(GTK_LABEL(dialog->line), text);
    g_free(text);
    g_clear_error(&error);
}

/* Whether the chosen preset or model uses an option. */
static gboolean applies(const Dialog *dialog, const gchar *key)
{
    gchar *answer = upscaler_option(dialog->upscaler, key, "applies");
    gboolean yes = g_str_equal(answer, "yes");
    g_free(answer);
    return yes;
}

/* Another preset or model may use other options and have another default factor. */
static void adapt(Dialog *dialog)
{
    for (guint index = 0; index < dialog->options->len; index++) {
        OptionWidget *option = g_ptr_array_index(dialog->options, index);
        gtk_widget_set_sensitive(option->widget, applies(dialog, option->key));
    }
    gchar *factor = upscaler_option(dialog->upscaler, "factor", "default");
    gdouble usual = g_ascii_strtod(factor, NULL), before = dialog->usual_factor;
    g_free(factor);
    dialog->usual_factor = usual;
    /* A preset that keeps the size gets factor 1; after it, one that enlarges gets factor 2. */
    if (before != 0 && before != usual && (before == 1 || usual == 1))
        for (gint index = 0; index < (gint)G_N_ELEMENTS(SIZES); index++)
            if (SIZES[index].factor == (usual == 1 ? 1 : 2))
                gtk_combo_box_set_active(GTK_COMBO_BOX(dialog->size), index);
}

/* Writes the options to the arguments. Those that do not apply are left out, except the preset, to keep it for later. */
static void read_options(Dialog *dialog)
{
    *dialog->arguments->options = '\0';
    for (guint index = 0; index < dialog->options->len; index++) {
        OptionWidget *option = g_ptr_array_index(dialog->options, index);
        gchar *value = option_widget_value(option);
        if (value && (option == dialog->preset || gtk_widget_get_sensitive(option->widget)))
            arguments_add_option(dialog->arguments, option->key, value);
        g_free(value);
    }
}

/* Takes over what the widgets show. */
static void changed(GtkWidget *widget, gpointer user_data)
{
    Dialog *dialog = user_data;
    Arguments *arguments = dialog->arguments;
    (void)widget;
    if (dialog->building)
        return;
    read_options(dialog);
    if (upscaler_set_options(dialog->upscaler, arguments, NULL))
        adapt(dialog);
    /* Again, because other options may apply now. */
    read_options(dialog);
    gint size = gtk_combo_box_get_active(GTK_COMBO_BOX(dialog->size));
    gboolean typed = SIZES[size].factor == 0;
    gtk_widget_set_visible(dialog->number, typed);
    arguments->target = (TargetKind)gtk_combo_box_get_active(GTK_COMBO_BOX(dialog->target));
    arguments->factor = typed ? gtk_spin_button_get_value(GTK_SPIN_BUTTON(dialog->number)) : SIZES[size].factor;
    update_summary(dialog);
}

/* Shows a sentence about what failed; NULL hides it. */
static void tell(Dialog *dialog, const gchar *text)
{
    gtk_label_set_text(GTK_LABEL(dialog->notice_text), text ? text : "");
    gtk_widget_set_visible(dialog->notice, text != NULL);
}

/* Adds a row to a table. The label's mnemonic activates `focus`. */
static void add_row(GtkWidget *table, const gchar *text, GtkWidget *widget, GtkWidget *focus, const gchar *help)
{
    guint rows;
    g_object_get(table, "n-rows", &rows, NULL);
    GtkWidget *label = gimp_table_attach_aligned(GTK_TABLE(table), 0, (gint)rows, text, 0.0, 0.5, widget, 1, FALSE);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), focus);
    gtk_widget_set_tooltip_text(widget, help);
}

static GtkWidget *new_table(void)
{
    /* It grows with the rows; the first one stays empty. */
    GtkWidget *table = gtk_table_new(1, 2, FALSE);
    gtk_table_set_col_spacings(GTK_TABLE(table), 12);
    gtk_table_set_row_spacings(GTK_TABLE(table), 6);
    gtk_table_set_row_spacing(GTK_TABLE(table), 0, 0);
    return table;
}

static void add_target(Dialog *dialog, GtkWidget *table)
{
    dialog->target = gtk_combo_box_text_new();
    /* In the order of TargetKind. */
    gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(dialog->target), "The whole image");
    gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(dialog->target), "A new image");
    gtk_combo_box_set_active(GTK_COMBO_BOX(dialog->target), (gint)dialog->arguments->target);
    add_row(table, "_Target:", dialog->target, dialog->target,
            "The whole image: the canvas and all layers, with the selected layer enlarged by AI. A new image: only the "
            "selected layer.");
}

static void add_size(Dialog *dialog, GtkWidget *table)
{
    gchar *lowest = upscaler_option(dialog->upscaler, "factor", "minimum");
    gchar *highest = upscaler_option(dialog->upscaler, "factor", "maximum");
    gchar *help = upscaler_option(dialog->upscaler, "factor", "help");
    gdouble factor = dialog->arguments->factor;
    GtkWidget *box = gtk_hbox_new(FALSE, 6);
    dialog->size = gtk_combo_box_text_new();
    dialog->number = gtk_spin_button_new_with_range(g_ascii_strtod(lowest, NULL), g_ascii_strtod(highest, NULL), 0.5);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(dialog->number), 2);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(dialog->number), factor);
    gtk_entry_set_activates_default(GTK_ENTRY(dialog->number), TRUE);
    gint active = G_N_ELEMENTS(SIZES) - 1;
    for (gint index = 0; index < (gint)G_N_ELEMENTS(SIZES); index++) {
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(dialog->size), SIZES[index].label);
        if (SIZES[index].factor == factor)
            active = index;
    }
    gtk_combo_box_set_active(GTK_COMBO_BOX(dialog->size), active);
    gtk_box_pack_start(GTK_BOX(box), dialog->size, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), dialog->number, FALSE, FALSE, 0);
    add_row(table, "_Size:", box, dialog->size, help);
    g_free(help);
    g_free(highest);
    g_free(lowest);
}

static OptionWidget *find_option(const Dialog *dialog, const gchar *key)
{
    for (guint index = 0; index < dialog->options->len; index++) {
        OptionWidget *option = g_ptr_array_index(dialog->options, index);
        if (g_str_equal(option->key, key))
            return option;
    }
    return NULL;
}

static void fill(Dialog *dialog);

/* The button: imports a model and chooses it. If that fails, a notice says why, and nothing changes. */
static void add_model(GtkWidget *button, gpointer user_data)
{
    Dialog *dialog = user_data;
    GError *error = NULL;
    (void)button;
    tell(dialog, NULL);
    gchar *id = model_import_run(dialog->upscaler, GTK_WINDOW(dialog->window), &error);
    if (error) {
        gchar *text = capitalized(error->message);
        gchar *sentence = g_str_has_suffix(text, ".") ? g_strdup(text) : g_strconcat(text, ".", NULL);
        tell(dialog, sentence);
        g_free(sentence);
        g_free(text);
        g_error_free(error);
    }
    if (!id)
        return;
    fill(dialog);
    OptionWidget *model = find_option(dialog, "model"), *method = find_option(dialog, "method");
    /* A method would disable the model. */
    if (method)
        option_widget_choose(method, NULL);
    if (model) {
        option_widget_choose(model, id);
        gtk_widget_grab_focus(model->focus);
    }
    g_free(id);
}

static void add_model_button(Dialog *dialog, GtkWidget *table)
{
    guint rows;
    GtkWidget *button = gtk_button_new_with_mnemonic("_Add a model…");
    gtk_widget_set_tooltip_text(button,
                                "Imports a file with a model, such as a .pth or .safetensors file, and chooses it.");
    g_signal_connect(button, "clicked", G_CALLBACK(add_model), dialog);
    g_object_get(table, "n-rows", &rows, NULL);
    gtk_table_attach_defaults(GTK_TABLE(table), button, 1, 2, rows, rows + 1);
}

static void add_option(Dialog *dialog, GtkWidget *table, const gchar *key)
{
    gchar *value = arguments_option(dialog->arguments, key);
    OptionWidget *option = option_widget_new(dialog->upscaler, key, value);
    gchar *label = upscaler_option(dialog->upscaler, key, "label");
    gchar *unit = upscaler_option(dialog->upscaler, key, "unit");
    gchar *help = upscaler_option(dialog->upscaler, key, "help");
    gchar *text = *unit ? g_strdup_printf("_%s (%s):", label, unit) : g_strdup_printf("_%s:", label);
    g_ptr_array_add(dialog->options, option);
    if (g_str_equal(key, "preset"))
        dialog->preset = option;
    add_row(table, text, option->widget, option->focus, help);
    if (g_str_equal(key, "model"))
        add_model_button(dialog, table);
    g_free(text);
    g_free(help);
    g_free(unit);
    g_free(label);
    g_free(value);
}

/* Says which saved choices do not exist any more. */
static void tell_missing(Dialog *dialog)
{
    GString *note = g_string_new(NULL);
    guint missing = 0;
    for (guint index = 0; index < dialog->options->len; index++) {
        const OptionWidget *option = g_ptr_array_index(dialog->options, index);
        if (option->missing)
            g_string_append_printf(note, "%s %s '%s'", missing++ ? " and the" : "The", option->key, option->missing);
    }
    if (missing) {
        g_string_append_printf(note, " %s not installed any more; the default is used instead.",
                               missing > 1 ? "are" : "is");
        tell(dialog, note->str);
    }
    g_string_free(note, TRUE);
}

/* The rows in the library's order, with the size where the factor would be. */
static void add_options(Dialog *dialog)
{
    gchar **keys = upscaler_option_keys(dialog->upscaler);
    for (gchar **key = keys; *key; key++) {
        gchar *group = upscaler_option(dialog->upscaler, *key, "group");
        if (g_str_equal(*key, "factor"))
            add_size(dialog, dialog->main);
        else if (g_str_equal(group, "main"))
            add_option(dialog, dialog->main, *key);
        else if (g_str_equal(group, "more"))
            add_option(dialog, dialog->more, *key);
        else if (g_str_equal(group, "advanced"))
            add_option(dialog, dialog->advanced, *key);
        g_free(group);
    }
    g_strfreev(keys);
    tell_missing(dialog);
}

static void destroy(GtkWidget *widget, gpointer user_data)
{
    (void)user_data;
    gtk_widget_destroy(widget);
}

static void free_options(Dialog *dialog)
{
    for (guint index = 0; index < dialog->options->len; index++)
        option_widget_free(g_ptr_array_index(dialog->options, index));
    g_ptr_array_set_size(dialog->options, 0);
}

/* Makes the rows, with the values of the arguments. Called again when there are other models. */
static void fill(Dialog *dialog)
{
    dialog->building = TRUE;
    GtkWidget *tables[] = {dialog->main, dialog->more, dialog->advanced};
    for (guint index = 0; index < G_N_ELEMENTS(tables); index++) {
        gtk_container_foreach(GTK_CONTAINER(tables[index]), destroy, NULL);
        gtk_table_resize(GTK_TABLE(tables[index]), 1, 2);
    }
    free_options(dialog);
    add_target(dialog, dialog->main);
    add_options(dialog);
    for (guint index = 0; index < G_N_ELEMENTS(tables); index++)
        gtk_widget_show_all(tables[index]);
    g_signal_connect(dialog->target, "changed", G_CALLBACK(changed), dialog);
    g_signal_connect(dialog->size, "changed", G_CALLBACK(changed), dialog);
    g_signal_connect(dialog->number, "value-changed", G_CALLBACK(changed), dialog);
    for (guint index = 0; index < dialog->options->len; index++)
        option_widget_connect(g_ptr_array_index(dialog->options, index), G_CALLBACK(changed), dialog);
    dialog->building = FALSE;
    changed(dialog->window, dialog);
}

static void hide(GtkInfoBar *notice, gint response, gpointer user_data)
{
    (void)response;
    (void)user_data;
    gtk_widget_hide(GTK_WIDGET(notice));
}

static GtkWidget *new_notice(Dialog *dialog)
{
    dialog->notice = gtk_info_bar_new_with_buttons(GTK_STOCK_CLOSE, GTK_RESPONSE_CLOSE, NULL);
    /* The other types have colours on which GIMP's dark themes cannot be read. */
    gtk_info_bar_set_message_type(GTK_INFO_BAR(dialog->notice), GTK_MESSAGE_OTHER);
    gtk_widget_set_no_show_all(dialog->notice, TRUE);
    GtkWidget *icon = gtk_image_new_from_stock(GTK_STOCK_DIALOG_WARNING, GTK_ICON_SIZE_LARGE_TOOLBAR);
    GtkContainer *area = GTK_CONTAINER(gtk_info_bar_get_content_area(GTK_INFO_BAR(dialog->notice)));
    gtk_container_add(area, icon);
    gtk_widget_show(icon);
    dialog->notice_text = gtk_label_new(NULL);
    gtk_label_set_line_wrap(GTK_LABEL(dialog->notice_text), TRUE);
    /* Paths have no spaces. */
    gtk_label_set_line_wrap_mode(GTK_LABEL(dialog->notice_text), PANGO_WRAP_WORD_CHAR);
    gtk_misc_set_alignment(GTK_MISC(dialog->notice_text), 0, 0);
    gtk_widget_set_size_request(dialog->notice_text, 290, -1);
    gtk_container_add(area, dialog->notice_text);
    gtk_widget_show(dialog->notice_text);
    g_signal_connect(dialog->notice, "response", G_CALLBACK(hide), NULL);
    return dialog->notice;
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
    dialog->main = new_table();
    dialog->more = new_table();
    dialog->advanced = new_table();
    GtkWidget *expander = gtk_expander_new_with_mnemonic("Mor_e options");
    gtk_container_add(GTK_CONTAINER(expander), dialog->more);
    GtkWidget *advanced = gtk_expander_new_with_mnemonic("Ad_vanced");
    gtk_widget_set_tooltip_text(advanced, "Engines, devices and memory, which hardly anyone has to set");
    gtk_container_add(GTK_CONTAINER(advanced), dialog->advanced);
    gtk_box_pack_start(GTK_BOX(box), dialog->main, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), new_notice(dialog), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), expander, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), advanced, FALSE, FALSE, 0);
    dialog->line = gtk_label_new(NULL);
    gtk_label_set_line_wrap(GTK_LABEL(dialog->line), TRUE);
    gtk_misc_set_alignment(GTK_MISC(dialog->line), 0, 0);
    /* Space for some sentences, so that the window keeps its size. */
    gtk_widget_set_size_request(dialog->line, 420, 140);
    gtk_box_pack_start(GTK_BOX(box), dialog->line, FALSE, FALSE, 0);
    gtk_widget_show_all(dialog->window);
}

gboolean dialog_run(Arguments *arguments, Upscaler *upscaler, gint32 image, gint32 drawable)
{
    Dialog dialog = {.arguments = arguments, .upscaler = upscaler, .image = image, .drawable = drawable};
    gimp_ui_init("enlarge-with-ai", FALSE);
    dialog.options = g_ptr_array_new();
    build(&dialog);
    fill(&dialog);
    /* A combo box with the focus would take the Return key. */
    gtk_widget_grab_focus(gtk_dialog_get_widget_for_response(GTK_DIALOG(dialog.window), GTK_RESPONSE_OK));
    gboolean accepted = gimp_dialog_run(GIMP_DIALOG(dialog.window)) == GTK_RESPONSE_OK;
    gtk_widget_destroy(dialog.window);
    free_options(&dialog);
    g_ptr_array_free(dialog.options, TRUE);
    return accepted;
}
