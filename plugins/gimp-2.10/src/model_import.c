/*
 * Shows the file chooser, and then a window with the steps of the import and a Cancel button.
 * The library reports about ten times a second on the thread that called it, and that is when the window's events are served.
 * It must never take a cancellation for a failure.
 */
#include "model_import.h"

#include "failure.h"

#define TITLE "Add a model"

/* Files with models. ncnn's .param has its .bin beside it. */
static const gchar *const ENDINGS[] = {"pth", "safetensors", "ckpt", "pt", "onnx", "param"};

typedef struct {
    GtkWidget *window, *text, *bar, *button;
    gboolean cancelled;
} Steps;

static void add_filter(GtkFileChooser *chooser, const gchar *name, const gchar *const *endings, guint count)
{
    GtkFileFilter *filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, name);
    for (guint index = 0; index < count; index++) {
        /* GTK's patterns tell capital letters apart. */
        GString *pattern = g_string_new("*.");
        for (const gchar *letter = endings[index]; *letter; letter++)
            g_string_append_printf(pattern, "[%c%c]", *letter, g_ascii_toupper(*letter));
        gtk_file_filter_add_pattern(filter, pattern->str);
        g_string_free(pattern, TRUE);
    }
    if (!count)
        gtk_file_filter_add_pattern(filter, "*");
    gtk_file_chooser_add_filter(chooser, filter);
}

/* The path in UTF-8; NULL without an error if the user chose none. */
static gchar *choose(GtkWindow *parent, GError **error)
{
    GtkWidget *window = gtk_file_chooser_dialog_new(TITLE, parent, GTK_FILE_CHOOSER_ACTION_OPEN, GTK_STOCK_CANCEL,
                                                    GTK_RESPONSE_CANCEL, "_Add", GTK_RESPONSE_ACCEPT, NULL);
    GtkFileChooser *chooser = GTK_FILE_CHOOSER(window);
    gtk_dialog_set_default_response(GTK_DIALOG(window), GTK_RESPONSE_ACCEPT);
    add_filter(chooser, "Models (.pth .safetensors .ckpt .pt .onnx .param)", ENDINGS, G_N_ELEMENTS(ENDINGS));
    add_filter(chooser, "All files", NULL, 0);
    const gchar *downloads = g_get_user_special_dir(G_USER_DIRECTORY_DOWNLOAD);
    if (downloads)
        gtk_file_chooser_set_current_folder(chooser, downloads);
    gchar *path = NULL;
    if (gtk_dialog_run(GTK_DIALOG(window)) == GTK_RESPONSE_ACCEPT) {
        gchar *name = gtk_file_chooser_get_filename(chooser);
        path = name ? g_filename_to_utf8(name, -1, NULL, NULL, NULL) : NULL;
        if (!path)
            g_set_error_literal(error, G_CONVERT_ERROR, G_CONVERT_ERROR_ILLEGAL_SEQUENCE,
                                "the file's name is not valid UTF-8; rename the file");
        g_free(name);
    }
    gtk_widget_destroy(window);
    return path;
}

static void cancel(Steps *steps)
{
    steps->cancelled = TRUE;
    gtk_widget_set_sensitive(steps->button, FALSE);
}

static void responded(GtkDialog *window, gint response, gpointer user_data)
{
    (void)window;
    (void)response;
    cancel(user_data);
}

/* Escape and the close button cancel as well. The window stays until the import has ended. */
static gboolean closing(GtkWidget *window, GdkEvent *event, gpointer user_data)
{
    (void)window;
    (void)event;
    cancel(user_data);
    return TRUE;
}

static void show_text(Steps *steps, const gchar *text)
{
    gchar *sentence = g_strdup(text);
    *sentence = g_ascii_toupper(*sentence);
    gtk_label_set_text(GTK_LABEL(steps->text), sentence);
    g_free(sentence);
}

static int32_t show_step(void *user_data, double fraction, const char *text)
{
    Steps *steps = user_data;
    show_text(steps, text);
    if (fraction < 0)
        gtk_progress_bar_pulse(GTK_PROGRESS_BAR(steps->bar));
    else
        gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(steps->bar), MIN(fraction, 1.0));
    while (gtk_events_pending())
        gtk_main_iteration();
    return steps->cancelled ? !ENL_CONTINUE : ENL_CONTINUE;
}

static void open_window(Steps *steps, GtkWindow *parent, const gchar *path)
{
    steps->window = gtk_dialog_new_with_buttons(TITLE, parent, GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, NULL,
                                                NULL);
    gtk_window_set_default_size(GTK_WINDOW(steps->window), 460, -1);
    steps->button = gtk_dialog_add_button(GTK_DIALOG(steps->window), GTK_STOCK_CANCEL, GTK_RESPONSE_CANCEL);
    GtkWidget *box = gtk_vbox_new(FALSE, 12);
    gtk_container_set_border_width(GTK_CONTAINER(box), 12);
    gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(steps->window))), box, TRUE, TRUE, 0);
    steps->text = gtk_label_new(NULL);
    gtk_label_set_line_wrap(GTK_LABEL(steps->text), TRUE);
    /* Paths have no spaces. */
    gtk_label_set_line_wrap_mode(GTK_LABEL(steps->text), PANGO_WRAP_WORD_CHAR);
    gtk_misc_set_alignment(GTK_MISC(steps->text), 0, 0);
    steps->bar = gtk_progress_bar_new();
    gtk_box_pack_start(GTK_BOX(box), steps->text, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), steps->bar, FALSE, FALSE, 0);
    gchar *name = g_filename_display_basename(path), *text = g_strconcat("Importing ", name, NULL);
    show_text(steps, text);
    g_free(text);
    g_free(name);
    g_signal_connect(steps->window, "response", G_CALLBACK(responded), steps);
    g_signal_connect(steps->window, "delete-event", G_CALLBACK(closing), steps);
    gtk_widget_show_all(steps->window);
}

/* The id of the imported model; NULL if it failed or was cancelled. */
static gchar *import(Upscaler *upscaler, const gchar *path, Steps *steps, GError **error)
{
    const Library *library = upscaler->library;
    /* Ids are made of file names, whose length systems limit. */
    gchar id[1024];
    int32_t status =
        library->enl_registry_import(upscaler->registry, path, NULL, show_step, steps, id, sizeof id, NULL);
    if (status == ENL_CANCELLED)
        return NULL;
    if (!library_check(library, status, error) || !upscaler_refresh(upscaler, error))
        return NULL;
    return g_strdup(id);
}

gchar *model_import_run(Upscaler *upscaler, GtkWindow *parent, GError **error)
{
    gchar *path = choose(parent, error);
    if (!path)
        return NULL;
    Steps steps = {.cancelled = FALSE};
    open_window(&steps, parent, path);
    gchar *id = import(upscaler, path, &steps, error);
    gtk_widget_destroy(steps.window);
    g_free(path);
    return id;
}
