/*
 * The procedure's arguments, or the values of the dialog.
 * Plain memory without pointers, because GIMP keeps the last ones as bytes.
 * It must never know what the library makes of them.
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <libgimp/gimp.h>

#define PROCEDURE "plug-in-enlarger"

typedef enum { TARGET_IMAGE, TARGET_NEW_IMAGE } TargetKind;

typedef struct {
    TargetKind target;
    gdouble factor;      /* 0: the default factor of the preset or the model */
    gchar options[1024]; /* options of the library: "key=value; key=value" */
} Arguments;

/* Reads the arguments of a call of the procedure. */
gboolean arguments_read(Arguments *arguments, gint count, const GimpParam *parameters, GError **error);

/* The arguments of the last run since GIMP was started, or the defaults. */
void arguments_last(Arguments *arguments);

/* Keeps the arguments for the next run. */
void arguments_keep(const Arguments *arguments);

/* Appends "key=value" to the options; FALSE if there is no space left for it. */
gboolean arguments_add_option(Arguments *arguments, const gchar *key, const gchar *value);

/* The value of an option in the options, to be freed with g_free; NULL if it is not in them. */
gchar *arguments_option(const Arguments *arguments, const gchar *key);

/*
 * Splits the options into an array of keys and values, to be freed with g_strfreev: {key, value, key, value, NULL}.
 * NULL if a part does not have the form key=value.
 */
gchar **arguments_split_options(const Arguments *arguments, GError **error);

#endif
