/*
 * Finds libenlarger beside this program, looks at its version and at its functions.
 * Another file of that name must be told apart from ours before anything in it is called.
 * It must never look in further places once a file was found: another one would hide that this one does not work.
 */
#include "library.h"

#include <gmodule.h>
#include <string.h>

#include "failure.h"
#include "file.h"

#if defined(G_OS_WIN32)
#define FILE_NAME "enlarger-" G_STRINGIFY(ENL_ABI_VERSION) ".dll"
#elif defined(__APPLE__)
#define FILE_NAME "libenlarger." G_STRINGIFY(ENL_ABI_VERSION) ".dylib"
#else
#define FILE_NAME "libenlarger.so." G_STRINGIFY(ENL_ABI_VERSION)
#endif

/* Who names a file wants that file, and no other. */
#define VARIABLE "ENLARGER_LIBRARY"

static gchar *place(void)
{
    const gchar *named = g_getenv(VARIABLE);
    if (named && *named)
        return g_strdup(named);
    gchar *folder = g_path_get_dirname(gimp_get_progname());
    gchar *path = g_build_filename(folder, FILE_NAME, NULL);
    g_free(folder);
    return path;
}

/* ISO C has no cast from a pointer to a function; systems with shared libraries have the same bytes for both. */
static gboolean find(GModule *module, const gchar *name, void *function)
{
    gpointer symbol = NULL;
    if (!g_module_symbol(module, name, &symbol) || !symbol)
        return FALSE;
    memcpy(function, &symbol, sizeof symbol);
    return TRUE;
}

/* Fills the table; otherwise says what is wrong with the file. */
static gboolean load(const gchar *path, Library *library, gchar **problem)
{
    /* What GModule makes of a file that is not there names another file, with one more ending. */
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        *problem = g_strdup("there is no such file");
        return FALSE;
    }
    if (!file_is_whole(path)) {
        *problem = g_strdup("the file is cut off");
        return FALSE;
    }
    GModule *module = g_module_open(path, G_MODULE_BIND_LOCAL);
    if (!module) {
        *problem = g_strdup_printf("it cannot be loaded (%s)", g_module_error());
        return FALSE;
    }
    __typeof__(enl_abi_version) *version;
    if (!find(module, "enl_abi_version", &version)) {
        *problem = g_strdup("it is another library: it has no function enl_abi_version");
        return FALSE;
    }
    if (version() != ENL_ABI_VERSION) {
        *problem = g_strdup_printf("it has version %u of the interface, and this plug-in needs version %d; install the "
                                   "library and the plug-in from one release",
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
    gchar *path = place(), *problem = NULL;
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
    gchar *sentence = g_malloc0(size);
    library->enl_last_error(sentence, size);
    gboolean callers = status == ENL_ERROR_ARGUMENT || status == ENL_ERROR_MODEL_NOT_FOUND;
    failed(error, callers ? GIMP_PDB_CALLING_ERROR : GIMP_PDB_EXECUTION_ERROR, "%s", sentence);
    g_free(sentence);
    return FALSE;
}
