/*
 * Compares the length of an ELF file with its header: linkers put the table of sections last.
 * Windows and macOS have other formats, which are not checked.
 * It must never read more than the header.
 */
#include "library_file.h"

#ifdef __ELF__
#include <elf.h>
#include <glib/gstdio.h>
#include <link.h>
#include <string.h>

gboolean library_file_is_complete(const gchar *path)
{
    FILE *file = g_fopen(path, "rb");
    if (!file)
        return TRUE;
    ElfW(Ehdr) header;
    gboolean elf = fread(&header, sizeof header, 1, file) == 1 && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0;
    glong size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    fclose(file);
    return !elf || size < 0 || (guint64)size >= header.e_shoff + (guint64)header.e_shnum * header.e_shentsize;
}
#else
gboolean library_file_is_complete(const gchar *path)
{
    (void)path;
    return TRUE;
}
#endif
