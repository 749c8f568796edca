/*
 * Whether a library's file is all there.
 * A full disk or a broken download leaves a part of it, and opening that kills the process without a word.
 * It must never refuse a file that it does not understand: the system's loader has better sentences.
 */
#ifndef FILE_H
#define FILE_H

#include <glib.h>

/* FALSE if the file ends before what its head says is in it. */
gboolean file_is_whole(const gchar *path);

#endif
