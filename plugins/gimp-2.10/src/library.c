/*
 * Finds libenlarger beside this program, and checks its version and its functions.
 * It recognises another library of the same name before it calls anything in it.
 * It must never skip a file that does not work for another one, which would hide the problem.
 */
#include "library.h"

#include <gmodule.h>
#include <string.h>

#include "failure.h"
#include "library_file.h"

#if defined(G_OS_WIN32)
#define FILE_NAME "enlarger-" G_STRINGIFY(ENL_ABI_VERSION) ".dll"
#elif defined(__APPLE__)
#define FILE_NAME "libenlarger." G_STRINGIFY(ENL_ABI_VERSION) ".dylib"
#else
#define FILE_NAME "libenlarger.so." G_STRINGIFY(ENL_ABI_VERSION)
#endif

/* If this is set, no other file is tried. */
#define VARIABLE "ENLARGER_LIBRARY"

static gchar *library_path(void)
{
    const gchar *named = g_getenv(VARIABLE);
    if (named && *named)
        return g_strdup(named);
    gchar *folder = g_path_get_dirname(gimp_get_progname());
    gchar *path = g_build_filename(folder, FILE_NAME, NULL);
    g_free(folder);
    return path;
}

/* ISO C has no cast from a pointer to a function, but on systems with shared libraries both have the same bytes. */
static gboolean find(GModule *module, const gchar *name, void *function)
{
    gpointer symbol = NULL;
    if (!g_module_symbol(module, name, &symbol) || !symbol)
        return FALSE;
    memcpy(function, &symbol, sizeof symbol);
    return TRUE;
}

/* Fills the table; returns FALSE and the problem with the file if it cannot. */
static gboolean load(const gchar *path, Library *library, gchar **problem)
{
    /* For a missing file, GModule's message would name the file with another suffix. */
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        *problem = g_strdup("there is no such file");
        return FALSE;
    }
    if (!library_file_is_complete(path)) {
        *problem = g_strdup("the file is incomplete");
        return FALSE;
    }
    GModule *module = g_module_open(path, G_MODULE_BIND_LOCAL);
    if (!module) {
        *problem = g_strdup_printf("it cannot be loaded (%s)", g_module_error());
        return FALSE;
    }
    __typeof__(enl_abi_version) *version;
    if (!find(module, "enl_abi_version", &version)) {
        *problem = g_strdup("it is not libenlarger: it has no function enl_abi_version");
        return FALSE;
    }
    if (version() != ENL_ABI_VERSION) {
        *problem = g_strdup_printf("its interface has version %u, but this plug-in needs version %d; install the library "
                                   "and the plug-in from the same release",
                                   (guint)version(), ENL_ABI_VERSION);
        return FALSE;
    }
#define LIBRARY_FIND(name)                                                                                         \
    if (!find(module, #name, &library->name)) {                                                                    \
        *problem = g_strdup("it is older than this plug-in: it has no function " #name "; install a newer library"); \
        return FALSE;                                                                                              \
    }
    LIBRARY_FUNCTIONS(LIBRARY_FIND)
#undef LIBRARY_FIND
    return TRUE;
}

const Library *library_open(GError **error)
{
    static Library library;
    gchar *path = library_path(), *problem = NULL;
    gboolean loaded = load(path, &library, &problem);
    if (!loaded)
        failed(error, GIMP_PDB_EXECUTION_ERROR,
               "libenlarger could not be loaded:\n%s: %s\nInstall Enlarger again, or set " VARIABLE
               " to the absolute path of the library.",
               path, problem);
    g_free(problem);
    g_free(path);
    return loaded ? &library : NULL;
}

gboolean library_check(const Library *library, int32_t status, GError **error)
{
    if (status == ENL_OK)
        return TRUE;
    if (status == ENL_CANCELLED)
        return failed(error, GIMP_PDB_CANCEL, "cancelled");
    gsize size = library->enl_last_error(NULL, 0) + 1;
    gchar *message = g_malloc0(size);
    library->enl_last_error(message, size);
    gboolean caller = status == ENL_ERROR_ARGUMENT || status == ENL_ERROR_MODEL_NOT_FOUND;
    failed(error, caller ? GIMP_PDB_CALLING_ERROR : GIMP_PDB_EXECUTION_ERROR, "%s", message);
    g_free(message);
    return FALSE;
}
