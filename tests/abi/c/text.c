/* Texts as output, with buffers of every size around the right one. Texts as input: invalid UTF-8, very long, empty. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

/* Calls any function that returns a text. */
typedef int32_t text_function(const struct set *set, size_t which, char *buffer, size_t size, size_t *length);

static int32_t model_text(const struct set *set, size_t which, char *buffer, size_t size, size_t *length) {
    static const char *const properties[] = {"id",     "name",       "version",     "task",   "mode",   "content",
                                             "architecture", "scale", "licence",    "commercial", "attribution", "author",
                                             "source", "training_data", "known_limits", "sha256", "origin", "removable"};
    return which < sizeof properties / sizeof *properties
               ? enl_registry_model_text(set->registry, 0, properties[which], buffer, size, length)
               : 1;
}

static int32_t available_text(const struct set *set, size_t which, char *buffer, size_t size, size_t *length) {
    static const char *const properties[] = {"id",     "name",          "version",      "mode",        "content",    "architecture",
                                             "scale",  "licence",       "commercial",   "attribution", "author",     "licence_certain",
                                             "source", "training_data", "known_limits", "size",        "installed",  "tried"};
    return which < sizeof properties / sizeof *properties
               ? enl_registry_available_text(set->registry, 0, properties[which], buffer, size, length)
               : 1;
}

static int32_t engine_text(const struct set *set, size_t which, char *buffer, size_t size, size_t *length) {
    static const char *const properties[] = {"id", "version", "problem"};
    return which < 3 ? enl_registry_engine_text(set->registry, 0, properties[which], buffer, size, length) : 1;
}

static int32_t device_text(const struct set *set, size_t which, char *buffer, size_t size, size_t *length) {
    static const char *const properties[] = {"id", "name", "engine"};
    return which < 3 ? enl_registry_device_text(set->registry, 0, properties[which], buffer, size, length) : 1;
}

static int32_t upscaler_text(const struct set *set, size_t which, char *buffer, size_t size, size_t *length) {
    static const char *const properties[] = {"preset", "factor",      "model",  "scale", "engine", "engine_version",
                                             "device", "device_name", "reason", "notes", "method"};
    return which < 11 ? enl_upscaler_text(set->upscaler, properties[which], buffer, size, length) : 1;
}

static int32_t provenance_text(const struct set *set, size_t which, char *buffer, size_t size, size_t *length) {
    static const char *const properties[] = {"xmp", "software", "source_type"};
    return which < 3 ? enl_upscaler_provenance(set->upscaler, NULL, 5, 4, NULL, properties[which], buffer, size, length) : 1;
}

static int32_t key_text(const struct set *set, size_t which, char *buffer, size_t size, size_t *length) {
    size_t count = 0;
    enl_options_count(set->options, &count);
    return which < count ? enl_options_key(set->options, which, buffer, size, length) : 1;
}

static int32_t option_text(const struct set *set, size_t which, char *buffer, size_t size, size_t *length) {
    static const char *const properties[] = {"type", "label", "help", "unit", "default", "minimum", "maximum", "choices",
                                             "choice_labels", "choice_help", "applies", "scope", "value"};
    char key[64];
    size_t count = 0;
    enl_options_count(set->options, &count);
    if (which / 13 >= count || enl_options_key(set->options, which / 13, key, sizeof key, NULL) != ENL_OK) return 1;
    return enl_options_describe(set->options, key, properties[which % 13], buffer, size, length);
}

/* Copies a text into buffers of every size around the right one. */
static void lengths(const struct set *set, text_function *get, size_t which) {
    size_t *length = room(sizeof *length);
    expect(ENL_OK, get(set, which, NULL, 0, length));
    size_t whole = *length;
    for (size_t size = whole > 2 ? whole - 2 : 0; size <= whole + 3; size++) {
        char *buffer = room(size), *beyond = room_after(size);
        int fits = size > whole;
        memset(length, ROOM_FILL, sizeof *length);
        expect(fits ? ENL_OK : ENL_ERROR_BUFFER, get(set, which, buffer, size, length));
        check(*length == whole);
        if (fits) {
            check(strlen(buffer) == whole);
            check(room_untouched(buffer + whole + 1, size - whole - 1));
        } else {
            check(room_untouched(buffer, size));
        }
        /* Without `length`. */
        expect(fits ? ENL_OK : ENL_ERROR_BUFFER, get(set, which, beyond, size, NULL));
        check(fits ? memcmp(beyond, buffer, size) == 0 : room_untouched(beyond, size));
    }
    /* A size that extends beyond the address space. */
    char *buffer = room(whole + 1);
    expect(ENL_OK, get(set, which, buffer, SIZE_MAX, length));
    check(*length == whole && strlen(buffer) == whole);
}

static void out(struct set set) {
    static const struct {
        const char *name;
        text_function *get;
    } functions[] = {{"model", model_text},       {"engine", engine_text}, {"device", device_text},
                     {"upscaler", upscaler_text}, {"key", key_text},       {"option", option_text},
                     {"provenance", provenance_text}, {"available", available_text}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        size_t count = 0;
        check_row(functions[i].name);
        while (functions[i].get(&set, count, NULL, 0, &(size_t){0}) != 1) {
            lengths(&set, functions[i].get, count++);
            /* valgrind can hold only so many mappings. */
            room_free_all();
        }
        check(count >= 3);
    }
}

/* An error message is cut off after a whole character; the returned length is always that of the whole message. */
static void last_error(struct set set) {
    check_row("last error");
    /* Twenty characters each of two, three and four bytes. */
    char key[256] = "";
    for (int i = 0; i < 20; i++) strcat(key, "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x96\xBC");
    expect(ENL_ERROR_ARGUMENT, enl_options_reset(set.options, key));
    size_t whole = enl_last_error(NULL, 0);
    char *all = room(whole + 1);
    check(enl_last_error(all, whole + 1) == whole && strlen(all) == whole);
    check(enl_last_error(NULL, SIZE_MAX) == whole);
    check(enl_last_error(room(0), 0) == whole);
    for (size_t size = 1; size <= whole + 3; size++) {
        char *buffer = room(size);
        check(enl_last_error(buffer, size) == whole);
        size_t got = strlen(buffer);
        check(got < size && got + 4 >= (size <= whole ? size : whole) && memcmp(buffer, all, got) == 0);
        /* The cut is at the beginning of a character. */
        check(((unsigned char)all[got] & 0xC0) != 0x80);
    }
}

static const char *const not_utf8[] = {
    "\x80",              /* a continuation alone */
    "a\xC3",             /* cut off */
    "\xC0\xAF",          /* longer than needed */
    "\xED\xA0\x80",      /* a surrogate */
    "\xF4\x90\x80\x80",  /* beyond the last character */
    "\xFF\xFE",          /* never in UTF-8 */
};

static void in(struct set set) {
    char *out_text = room(8);
    size_t *length = room(sizeof *length);
    void **place = room(sizeof *place);
    for (size_t i = 0; i < sizeof not_utf8 / sizeof *not_utf8; i++) {
        check_row("not UTF-8");
        char *bad = room_text(not_utf8[i]);
        const char *folders[] = {bad};
        *place = place;
        expect(ENL_ERROR_ARGUMENT, enl_registry_new(folders, 1, (enl_registry **)place));
        check(*place == NULL);
        expect(ENL_ERROR_ARGUMENT, enl_options_set(set.options, bad, "1"));
        expect(ENL_ERROR_ARGUMENT, enl_options_set(set.options, "tile", bad));
        expect(ENL_ERROR_ARGUMENT, enl_options_set(set.options, "engine", bad));
        expect(ENL_ERROR_ARGUMENT, enl_options_set_integer(set.options, bad, 1));
        expect(ENL_ERROR_ARGUMENT, enl_options_set_float(set.options, bad, 1));
        expect(ENL_ERROR_ARGUMENT, enl_options_set_bytes(set.options, bad, "x", 1));
        expect(ENL_ERROR_ARGUMENT, enl_options_reset(set.options, bad));
        expect(ENL_ERROR_ARGUMENT, enl_options_describe(set.options, bad, "label", out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_options_describe(set.options, "tile", bad, out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_registry_model_text(set.registry, 0, bad, out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_registry_engine_text(set.registry, 0, bad, out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_registry_device_text(set.registry, 0, bad, out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_upscaler_text(set.upscaler, bad, out_text, 8, length));
    }
    check_row("unknown");
    const char *const unknown[] = {"", " ", "tile ", "Tile", "no such thing"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        char *text = room_text(unknown[i]);
        expect(ENL_ERROR_ARGUMENT, enl_options_set(set.options, text, "1"));
        expect(ENL_ERROR_ARGUMENT, enl_options_describe(set.options, text, "label", out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_options_describe(set.options, "tile", text, out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_registry_model_text(set.registry, 0, text, out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_registry_engine_text(set.registry, 0, text, out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_registry_device_text(set.registry, 0, text, out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_upscaler_text(set.upscaler, text, out_text, 8, length));
    }
    const size_t indices[] = {1000, SIZE_MAX / 2, SIZE_MAX};
    for (size_t i = 0; i < 3; i++) {
        check_row("indices beyond the last");
        expect(ENL_ERROR_ARGUMENT, enl_options_key(set.options, indices[i], out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_registry_model_text(set.registry, indices[i], "id", out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_registry_engine_text(set.registry, indices[i], "id", out_text, 8, length));
        expect(ENL_ERROR_ARGUMENT, enl_registry_device_text(set.registry, indices[i], "id", out_text, 8, length));
    }
    check(room_untouched(out_text, 8) && room_untouched(length, sizeof *length));
}

/* Sixteen million characters instead of a word. */
static void very_long(struct set set) {
    enum { LONG = 1 << 24 };
    check_row("very long");
    char *text = room(LONG);
    memset(text, 'x', LONG - 1);
    text[LONG - 1] = 0;
    expect(ENL_ERROR_ARGUMENT, enl_options_set(set.options, text, "1"));
    expect(ENL_ERROR_ARGUMENT, enl_options_set(set.options, "tile", text));
    expect(ENL_ERROR_MODEL_NOT_FOUND, enl_options_set(set.options, "model", text));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_text(set.upscaler, text, NULL, 0, &(size_t){0}));
    /* Engines are checked only when they are opened. */
    expect(ENL_OK, enl_options_set(set.options, "engine", text));
    enl_upscaler *upscaler = set.upscaler;
    expect(ENL_ERROR_ENGINE_NOT_FOUND, enl_upscaler_new(set.registry, set.options, &upscaler));
    check(upscaler == NULL);
    expect(ENL_OK, enl_options_reset(set.options, "engine"));
    const char *folders[] = {text};
    enl_registry *registry = NULL;
    expect(ENL_OK, enl_registry_new(folders, 1, &registry));
    expect(ENL_OK, enl_registry_free(registry));
}

static void names(void) {
    check_row("status names");
    for (int32_t status = -1000; status <= 1000; status++) {
        const char *name = enl_status_name(status);
        check(name != NULL && (strncmp(name, "ENL_", 4) == 0 || strcmp(name, "unknown status") == 0));
    }
    check(strcmp(enl_status_name(INT32_MIN), "unknown status") == 0);
    check(strcmp(enl_status_name(INT32_MAX), "unknown status") == 0);
    check(strcmp(enl_status_name(ENL_ERROR_BUSY), "ENL_ERROR_BUSY") == 0);
    check(enl_version() == ENL_VERSION && enl_abi_version() == ENL_ABI_VERSION && strlen(enl_version_string()) >= 5);
}

void suite_text(void) {
    struct set set = set_up("plain");
    out(set);
    last_error(set);
    in(set);
    very_long(set);
    names();
    set_down(&set);
}
