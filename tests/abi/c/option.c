/* Options: every key with values of every type, the limits of ranges, invalid profiles, unknown models. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

/* The status for each type of value: an invalid text, an integer, a float, bytes. */
static const struct {
    const char *key;
    int32_t text, integer, floating, bytes;
} types[] = {
    {"preset", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"model", ENL_ERROR_MODEL_NOT_FOUND, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"method", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"factor", ENL_ERROR_ARGUMENT, ENL_OK, ENL_OK, ENL_ERROR_ARGUMENT},
    {"width", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"height", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"denoise", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"strength", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"mask", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"mask_white", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"edge_care", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"fading", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"scratches", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"scratch_mask", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"creativity", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"content", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"grain", ENL_ERROR_ARGUMENT, ENL_OK, ENL_OK, ENL_ERROR_ARGUMENT},
    {"seed", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"faces", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"face_strength", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"face_denoise", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"face_grain", ENL_ERROR_ARGUMENT, ENL_OK, ENL_OK, ENL_ERROR_ARGUMENT},
    {"face_fidelity", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"face_points", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_OK},
    {"noise_level", ENL_ERROR_ARGUMENT, ENL_OK, ENL_OK, ENL_ERROR_ARGUMENT},
    {"colour_lock", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"colour_space", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"icc_profile", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_OK},
    {"engine", ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"device", ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"precision", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"threads", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"tile", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"wrap", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
    {"reduce_first", ENL_ERROR_ARGUMENT, ENL_OK, ENL_OK, ENL_ERROR_ARGUMENT},
    {"memory", ENL_ERROR_ARGUMENT, ENL_OK, ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT},
};

/* The value of an option as text. */
static void value_of(enl_options *options, const char *key, char *value, size_t size) {
    value[0] = 0;
    expect(ENL_OK, enl_options_describe(options, key, "value", value, size, NULL));
}

static void every_type(struct set set) {
    size_t count = 0;
    expect(ENL_OK, enl_options_count(set.options, &count));
    check(count == sizeof types / sizeof *types);
    if (count > sizeof types / sizeof *types) return;
    for (size_t i = 0; i < count; i++) {
        char key[64], before[256], after[256];
        expect(ENL_OK, enl_options_key(set.options, i, key, sizeof key, NULL));
        check_row(types[i].key);
        check(strcmp(key, types[i].key) == 0);
        value_of(set.options, key, before, sizeof before);
        /* A value that is not the default. */
        int64_t number = strcmp(before, "1") == 0 ? 2 : 1;
        if (types[i].text != ENL_OK) {
            expect(types[i].text, enl_options_set(set.options, key, "no value"));
            expect(types[i].text, enl_options_set(set.options, key, ""));
        }
        if (types[i].integer != ENL_OK) expect(types[i].integer, enl_options_set_integer(set.options, key, 1));
        if (types[i].floating != ENL_OK) expect(types[i].floating, enl_options_set_float(set.options, key, 1.5));
        if (types[i].bytes != ENL_OK) expect(types[i].bytes, enl_options_set_bytes(set.options, key, "x", 1));
        value_of(set.options, key, after, sizeof after);
        check(strcmp(before, after) == 0);
        if (types[i].text == ENL_OK) expect(ENL_OK, enl_options_set(set.options, key, "no value"));
        if (types[i].integer == ENL_OK) expect(ENL_OK, enl_options_set_integer(set.options, key, number));
        if (types[i].floating == ENL_OK) expect(ENL_OK, enl_options_set_float(set.options, key, 1.5));
        if (types[i].bytes == ENL_OK) expect(ENL_OK, enl_options_set_bytes(set.options, key, "x", 1));
        value_of(set.options, key, after, sizeof after);
        /* For choices that are checked at once, this test has no second valid value. */
        int other = types[i].text == ENL_OK || types[i].integer == ENL_OK || types[i].bytes == ENL_OK;
        check(!other || strcmp(before, after) != 0);
        expect(ENL_OK, enl_options_reset(set.options, key));
    }
}

/* The group that places each option in a dialog. */
static void groups(struct set set) {
    static const struct {
        const char *key, *group;
    } known[] = {
        {"factor", "size"},     {"width", "size"},       {"height", "size"},       {"preset", "main"},
        {"model", "main"},      {"denoise", "main"},     {"strength", "main"},     {"colour_lock", "more"},
        {"wrap", "more"},       {"reduce_first", "more"}, {"engine", "advanced"},  {"device", "advanced"},   {"precision", "advanced"},
        {"threads", "advanced"}, {"tile", "advanced"},   {"memory", "advanced"},   {"icc_profile", "host"},
        {"colour_space", "host"}, {"noise_level", "host"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char group[16] = "";
        check_row(known[i].key);
        expect(ENL_OK, enl_options_describe(set.options, known[i].key, "group", group, sizeof group, NULL));
        check(strcmp(group, known[i].group) == 0);
    }
}

static void ranges(struct set set) {
    static const struct {
        const char *key;
        int64_t value;
        int32_t status;
    } integers[] = {
        {"width", 1 << 20, ENL_OK},     {"width", (1 << 20) + 1, ENL_ERROR_ARGUMENT}, {"width", -1, ENL_ERROR_ARGUMENT},
        {"height", INT64_MAX, ENL_ERROR_ARGUMENT}, {"height", INT64_MIN, ENL_ERROR_ARGUMENT}, {"height", 0, ENL_OK},
        {"height", (int64_t)1 << 32, ENL_ERROR_ARGUMENT}, {"threads", 1025, ENL_ERROR_ARGUMENT}, {"threads", 1024, ENL_OK},
        {"tile", 65536, ENL_OK},        {"tile", 65537, ENL_ERROR_ARGUMENT},          {"tile", -1, ENL_ERROR_ARGUMENT},
        {"memory", INT64_MAX, ENL_OK},  {"memory", -1, ENL_ERROR_ARGUMENT},           {"factor", 17, ENL_ERROR_ARGUMENT},
        {"denoise", -1, ENL_OK},        {"denoise", -2, ENL_ERROR_ARGUMENT},          {"denoise", 0, ENL_OK},
        {"denoise", 100, ENL_OK},       {"denoise", 101, ENL_ERROR_ARGUMENT},         {"strength", 101, ENL_ERROR_ARGUMENT},
        {"strength", 0, ENL_OK},        {"strength", -1, ENL_ERROR_ARGUMENT},
        {"edge_care", -1, ENL_OK},      {"edge_care", 101, ENL_ERROR_ARGUMENT},       {"grain", 101, ENL_ERROR_ARGUMENT},
        {"seed", INT32_MAX, ENL_OK},    {"seed", (int64_t)INT32_MAX + 1, ENL_ERROR_ARGUMENT}, {"seed", -1, ENL_ERROR_ARGUMENT},
        {"factor", INT64_MIN, ENL_ERROR_ARGUMENT}, {"colour_lock", 2, ENL_ERROR_ARGUMENT}, {"colour_lock", -1, ENL_ERROR_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        check_row(integers[i].key);
        expect(integers[i].status, enl_options_set_integer(set.options, integers[i].key, integers[i].value));
    }
    static const struct {
        const char *key;
        double value;
        int32_t status;
    } floats[] = {
        {"factor", 0.1, ENL_OK},       {"factor", 16, ENL_OK},          {"factor", 0, ENL_ERROR_ARGUMENT},
        {"factor", -2, ENL_ERROR_ARGUMENT}, {"factor", NAN, ENL_ERROR_ARGUMENT}, {"factor", INFINITY, ENL_ERROR_ARGUMENT},
        {"factor", -INFINITY, ENL_ERROR_ARGUMENT}, {"factor", 1e308, ENL_ERROR_ARGUMENT}, {"factor", 5e-324, ENL_ERROR_ARGUMENT},
        {"noise_level", NAN, ENL_ERROR_ARGUMENT}, {"noise_level", INFINITY, ENL_ERROR_ARGUMENT}, {"noise_level", 1e300, ENL_ERROR_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        check_row(floats[i].key);
        expect(floats[i].status, enl_options_set_float(set.options, floats[i].key, floats[i].value));
    }
    static const struct {
        const char *key, *value;
        int32_t status;
    } texts[] = {
        {"factor", "2", ENL_OK},      {"factor", " 2.5 ", ENL_OK},         {"factor", "2,5", ENL_ERROR_ARGUMENT},
        {"factor", "nan", ENL_ERROR_ARGUMENT}, {"factor", "inf", ENL_ERROR_ARGUMENT}, {"factor", "1e999", ENL_ERROR_ARGUMENT},
        {"factor", "0x4", ENL_ERROR_ARGUMENT}, {"tile", "3.0", ENL_ERROR_ARGUMENT}, {"tile", "99999999999999999999", ENL_ERROR_ARGUMENT},
        {"colour_lock", "true", ENL_ERROR_ARGUMENT}, {"colour_lock", "on", ENL_OK}, {"colour_space", "linear_srgb", ENL_OK},
        {"colour_space", "auto", ENL_ERROR_ARGUMENT}, {"precision", "exact", ENL_OK}, {"precision", "fast", ENL_OK},
        {"precision", "rough", ENL_ERROR_ARGUMENT}, {"icc_profile", "", ENL_ERROR_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        check_row(texts[i].key);
        expect(texts[i].status, enl_options_set(set.options, room_text(texts[i].key), room_text(texts[i].value)));
    }
}

/* A mask is copied, its size belongs to the run, and invalid views are refused. */
static void masks(struct set set) {
    char value[16];
    check_row("masks");
    uint8_t *shares = room(WIDTH * HEIGHT);
    memset(shares, 0, WIDTH * HEIGHT);
    enl_view mask = {shares, WIDTH * HEIGHT, WIDTH, WIDTH, HEIGHT, ENL_CHANNELS_GRAY + ENL_SAMPLE_U8, 0};
    enl_view source = set_source(), all = set_target(), none = set_target(), plain = set_target();
    size_t size = all.size;
    expect(ENL_OK, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &all));
    check(set_right(&all));
    expect(ENL_OK, enl_options_set_mask(set.options, &mask));
    memset(shares, 255, WIDTH * HEIGHT); /* The option has a copy. */
    value_of(set.options, "mask", value, sizeof value);
    check(strcmp(value, "7x5") == 0);
    expect(ENL_OK, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &none));
    expect(ENL_OK, enl_options_reset(set.options, "mask"));
    expect(ENL_OK, enl_options_set_integer(set.options, "strength", 0));
    expect(ENL_OK, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &plain));
    check(memcmp(none.data, plain.data, size) == 0 && !set_right(&none));
    expect(ENL_OK, enl_options_reset(set.options, "strength"));
    expect(ENL_OK, enl_options_set_mask(set.options, &mask));
    expect(ENL_OK, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &all));
    check(set_right(&all));
    expect(ENL_OK, enl_options_set(set.options, "mask_white", "protect"));
    expect(ENL_OK, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &none));
    check(memcmp(none.data, plain.data, size) == 0);
    expect(ENL_OK, enl_options_reset(set.options, "mask_white"));

    enl_view other = mask;
    enl_plan plan;
    other.width = WIDTH - 1;
    expect(ENL_OK, enl_options_set_mask(set.options, &other));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_plan(set.upscaler, set.options, WIDTH, HEIGHT, NULL, &plan));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &all));
    other.format = 0;
    expect(ENL_ERROR_FORMAT, enl_options_set_mask(set.options, &other));
    other = mask, other.size--;
    expect(ENL_ERROR_BUFFER, enl_options_set_mask(set.options, &other));
    other = mask, other.height = 0;
    expect(ENL_ERROR_ARGUMENT, enl_options_set_mask(set.options, &other));
    other = mask, other.reserved = 1;
    expect(ENL_ERROR_ARGUMENT, enl_options_set_mask(set.options, &other));
    other = mask, other.data = NULL;
    expect(ENL_ERROR_NULL, enl_options_set_mask(set.options, &other));
    value_of(set.options, "mask", value, sizeof value);
    check(strcmp(value, "6x5") == 0); /* A refused mask leaves the option unchanged. */
    expect(ENL_OK, enl_options_set_mask(set.options, NULL));
    value_of(set.options, "mask", value, sizeof value);
    check(value[0] == 0);
}

static void too_many_bytes(struct set set) {
    enum { MOST = 64 << 20 };
    check_row("too many bytes");
    char *data = room(8);
    expect(ENL_ERROR_BUFFER, enl_options_set_bytes(set.options, "icc_profile", data, MOST + 1));
    expect(ENL_ERROR_BUFFER, enl_options_set_bytes(set.options, "icc_profile", data, SIZE_MAX));
    expect(ENL_OK, enl_options_set_bytes(set.options, "icc_profile", data, 8));
}

/* Bytes that are not a profile, and truncated profiles. */
static void profiles(struct set set) {
    enl_view source = set_source(), target = set_target();
    uint32_t state = 1;
    for (size_t size = 1; size < 3000; size = size * 2 + 1) {
        for (int header = 0; header < 2; header++) {
            check_row(header ? "half a profile" : "no profile");
            unsigned char *data = room(size);
            for (size_t i = 0; i < size; i++) data[i] = (unsigned char)((state = state * 1664525 + 1013904223) >> 24);
            if (header) {
                /* Size, version 4, display class, RGB, XYZ, the signature, and a random number of tags. */
                static const unsigned char start[] = {0, 0, 0x0B, 0xB8, 'l', 'c', 'm', 's', 4, 0x30, 0, 0, 'm', 'n', 't', 'r',
                                                      'R', 'G', 'B', ' ', 'X', 'Y', 'Z', ' '};
                memcpy(data, start, size < sizeof start ? size : sizeof start);
                if (size >= 40) memcpy(data + 36, "acsp", 4);
            }
            expect(ENL_OK, enl_options_set_bytes(set.options, "icc_profile", data, size));
            expect(ENL_ERROR_FORMAT, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &target));
            check(room_untouched(target.data, target.size));
        }
    }
    /* An empty profile means sRGB again. */
    expect(ENL_OK, enl_options_set_bytes(set.options, "icc_profile", NULL, 0));
    expect(ENL_OK, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &target));
}

static void what_is_not_here(struct set set) {
    check_row("what is not here");
    char *names[] = {"", "no such model", "../nearest", "nearest/"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        expect(ENL_ERROR_MODEL_NOT_FOUND, enl_options_set(set.options, "model", room_text(names[i])));
    }
    enl_upscaler *upscaler = set.upscaler;
    expect(ENL_OK, enl_options_set(set.options, "engine", "no such engine"));
    expect(ENL_ERROR_ENGINE_NOT_FOUND, enl_upscaler_new(set.registry, set.options, &upscaler));
    check(upscaler == NULL);
    upscaler = set.upscaler;
    expect(ENL_OK, enl_options_set(set.options, "engine", "plain"));
    expect(ENL_OK, enl_options_set(set.options, "device", "no such device"));
    expect(ENL_ERROR_DEVICE, enl_upscaler_new(set.registry, set.options, &upscaler));
    check(upscaler == NULL);

    /* A registry without the model that the options name. */
    enl_registry *other = NULL;
    expect(ENL_OK, enl_options_reset(set.options, "device"));
    expect(ENL_OK, enl_registry_new(NULL, 0, &other));
    upscaler = set.upscaler;
    expect(ENL_ERROR_MODEL_NOT_FOUND, enl_upscaler_new(other, set.options, &upscaler));
    check(upscaler == NULL);
    expect(ENL_OK, enl_registry_free(other));
}

/* Options of an upscaler cannot be changed later, but may be set to the same value again. */
static void opening(struct set set) {
    enl_plan plan;
    check_row("options of another upscaler");
    expect(ENL_OK, enl_upscaler_plan(set.upscaler, set.options, 1, 1, NULL, &plan));
    expect(ENL_OK, enl_options_set(set.options, "precision", "auto"));
    expect(ENL_OK, enl_options_set(set.options, "device", "auto"));
    expect(ENL_OK, enl_options_set_integer(set.options, "threads", 0));
    expect(ENL_OK, enl_upscaler_plan(set.upscaler, set.options, 1, 1, NULL, &plan));
    expect(ENL_OK, enl_options_set_integer(set.options, "threads", 1));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_plan(set.upscaler, set.options, 1, 1, NULL, &plan));
    expect(ENL_OK, enl_options_reset(set.options, "threads"));
    expect(ENL_OK, enl_options_set(set.options, "model", "realesr-general-x4v3"));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_plan(set.upscaler, set.options, 1, 1, NULL, &plan));
    expect(ENL_OK, enl_options_set(set.options, "model", "nearest"));
    expect(ENL_OK, enl_options_set(set.options, "noise_level", "0"));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_plan(set.upscaler, set.options, 1, 1, NULL, &plan));
}

void suite_option(void) {
    void (*const cases[])(struct set) = {every_type, groups, ranges, masks, too_many_bytes, profiles, what_is_not_here, opening};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct set set = set_up("plain");
        cases[i](set);
        set_down(&set);
    }
}
