/*
 * Checks that a library's file is complete.
 * A full disk or a broken download leaves a part of a file, and opening that kills the process without a message.
 * It must never refuse a file of an unknown format: the system's loader has a better message for it.
 */
#ifndef LIBRARY_FILE_H
#define LIBRARY_FILE_H

#include <glib.h>

/* FALSE if the file is shorter than its header says. */
gboolean library_file_is_complete(const gchar *path);

#endif
