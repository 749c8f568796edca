/*
 * What the user wants: the procedure's arguments, or the dialog's values.
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
    gdouble factor;      /* 0: the preset's or the model's own */
    gint denoise;        /* -1: as the options or the preset say */
    gint strength;       /* -1: as the options say */
    gchar preset[128];   /* empty: as the options say, or the library's default */
    gchar model[128];    /* empty: the preset's */
    gchar options[1024]; /* more of the library's: key=value; key=value */
} Arguments;

/* The arguments as the procedure was called with them. */
gboolean arguments_given(Arguments *arguments, gint count, const GimpParam *parameters, GError **error);

/* What was wanted last since GIMP was started, or what is proposed first. */
void arguments_last(Arguments *arguments);

/* Keeps them for the next time. */
void arguments_keep(const Arguments *arguments);

#endif
