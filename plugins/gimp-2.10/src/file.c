/*
 * Compares the length of a file with what its head says.
 * In ELF files, which other systems than Linux and its kin do not have, linkers put the table of sections last.
 * It must never read more than the head.
 */
#include "file.h"

#ifdef __ELF__
#include <elf.h>
#include <glib/gstdio.h>
#include <link.h>
#include <string.h>

gboolean file_is_whole(const gchar *path)
{
    FILE *file = g_fopen(path, "rb");
    if (!file)
        return TRUE;
    ElfW(Ehdr) head;
    gboolean elf = fread(&head, sizeof head, 1, file) == 1 && memcmp(head.e_ident, ELFMAG, SELFMAG) == 0;
    glong size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    fclose(file);
    return !elf || size < 0 || (guint64)size >= head.e_shoff + (guint64)head.e_shnum * head.e_shentsize;
}
#else
gboolean file_is_whole(const gchar *path)
{
    (void)path;
    return TRUE;
}
#endif
