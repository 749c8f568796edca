/*
 * libenlarger, opened when the procedure runs.
 * So the plug-in is registered even if the library is missing or broken, and its procedure can say why.
 * It must never be opened when GIMP starts and only asks for the plug-in's procedures.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <glib.h>

#include "enlarger.h"

/* The functions that this plug-in uses. Their types come from the header, so that they always agree with it. */
#define LIBRARY_FUNCTIONS(X)                                                                                       \
    X(enl_last_error)                                                                                              \
    X(enl_registry_new)                                                                                            \
    X(enl_registry_import)                                                                                         \
    X(enl_options_new)                                                                                             \
    X(enl_options_set)                                                                                             \
    X(enl_options_set_bytes)                                                                                       \
    X(enl_options_set_integer)                                                                                     \
    X(enl_options_set_float)                                                                                       \
    X(enl_options_set_damage)                                                                                      \
    X(enl_options_reset)                                                                                           \
    X(enl_options_count)                                                                                           \
    X(enl_options_key)                                                                                             \
    X(enl_options_describe)                                                                                        \
    X(enl_options_free)                                                                                            \
    X(enl_upscaler_new)                                                                                            \
    X(enl_upscaler_text)                                                                                           \
    X(enl_upscaler_plan)                                                                                           \
    X(enl_upscaler_measure)                                                                                        \
    X(enl_upscaler_measure_content)                                                                                \
    X(enl_upscaler_measure_faces)                                                                                  \
    X(enl_upscaler_wants_faces)                                                                                    \
    X(enl_upscaler_stream)                                                                                         \
    X(enl_upscaler_provenance)                                                                                     \
    X(enl_upscaler_free)                                                                                           \
    X(enl_faces_find)                                                                                              \
    X(enl_faces_count)                                                                                             \
    X(enl_faces_get)                                                                                               \
    X(enl_faces_free)                                                                                              \
    X(enl_damage_find)                                                                                             \
    X(enl_damage_free)                                                                                             \
    X(enl_registry_free)

typedef struct {
#define LIBRARY_FIELD(name) __typeof__(name) *name;
    LIBRARY_FUNCTIONS(LIBRARY_FIELD)
#undef LIBRARY_FIELD
} Library;

/* The library, opened once; NULL and an error if it cannot be opened. It stays in the process. */
const Library *library_open(GError **error);

/* Whether a status of the library is ENL_OK; if not, sets the error to the library's message. */
gboolean library_check(const Library *library, int32_t status, GError **error);

#endif
