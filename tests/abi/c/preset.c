/* Presets: the models that they use, their descriptions, and the measurement of pictures.
 *
 * The built-in models run on an engine that only doubles or quadruples. Models of this machine are not used.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

enum { TEXT = 4096, SIDE = 64 };

static void text_of(const enl_upscaler *upscaler, const char *property, char *text) {
    *text = 0;
    expect(ENL_OK, enl_upscaler_text(upscaler, property, text, TEXT, NULL));
}

static void described(const enl_options *options, const char *key, const char *property, char *text) {
    *text = 0;
    expect(ENL_OK, enl_options_describe(options, key, property, text, TEXT, NULL));
}

/* An upscaler for a preset, with the other options unchanged. */
static enl_upscaler *opened(struct set *set, const char *preset) {
    enl_upscaler *upscaler = NULL;
    expect(ENL_OK, enl_options_set(set->options, "model", "auto"));
    expect(ENL_OK, enl_options_set(set->options, "preset", preset));
    expect(ENL_OK, enl_upscaler_new(set->registry, set->options, &upscaler));
    return upscaler;
}

/* The labels and help texts. */
static void descriptions(struct set set) {
    static const char *const presets[] = {"natural", "portrait", "detail", "crisp", "clean", "illustration", "restore", "old-photo", "precise", "creative"};
    char text[TEXT], labels[TEXT], *place;
    check_row("descriptions");
    described(set.options, "preset", "choices", text);
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) check(strstr(text, presets[i]) != NULL);
    described(set.options, "preset", "default", text);
    check(strcmp(text, "natural") == 0);
    described(set.options, "preset", "choice_labels", labels);
    described(set.options, "preset", "choice_help", text);
    size_t lines = 0;
    for (place = text; place; place = strchr(place, '\n'), place += place != NULL) lines += place[0] != '\n' && place[0] != 0;
    check(lines == sizeof presets / sizeof *presets);
    /* If a model is named, the preset is ignored. */
    described(set.options, "preset", "applies", text);
    check(strcmp(text, "no") == 0);
    expect(ENL_OK, enl_options_reset(set.options, "model"));
    described(set.options, "preset", "applies", text);
    check(strcmp(text, "yes") == 0);
    static const struct {
        const char *preset, *factor;
    } rows[] = {{"natural", "4"}, {"crisp", "2"}, {"restore", "1"}, {"old-photo", "1"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(rows[i].preset);
        expect(ENL_OK, enl_options_set(set.options, "preset", rows[i].preset));
        described(set.options, "factor", "default", text);
        check(strcmp(text, rows[i].factor) == 0);
    }
    expect(ENL_ERROR_ARGUMENT, enl_options_set(set.options, "preset", "Natural"));
    described(set.options, "preset", "value", text);
    check(strcmp(text, "old-photo") == 0);
}

/* The models depend on the factor. Names and notes are those of the last plan or run. */
static void chains(struct set set) {
    static const struct {
        const char *preset, *factor, *models;
        uint32_t passes;
    } rows[] = {
        {"natural", "4", "realesr-general-x4v3", 1},
        {"natural", "2", "realesr-general-x4v3", 1},
        {"crisp", "2", "waifu2x-photo-x2", 1},
        {"crisp", "4", "waifu2x-photo-x2, waifu2x-photo-x2", 2},
        {"crisp", "16", "waifu2x-photo-x2, waifu2x-photo-x2, waifu2x-photo-x2, waifu2x-photo-x2", 4},
        {"natural", "8", "realesr-general-x4v3, waifu2x-photo-x2", 2},
        {"detail", "4", "realesr-general-x4v3", 1},
        {"restore", "1", "waifu2x-photo-x2-n1", 1},
    };
    char text[TEXT];
    enl_plan plan;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(rows[i].models);
        enl_upscaler *upscaler = opened(&set, rows[i].preset);
        expect(ENL_OK, enl_options_set(set.options, "factor", rows[i].factor));
        expect(ENL_OK, enl_upscaler_plan(upscaler, set.options, WIDTH, HEIGHT, NULL, &plan));
        check(plan.passes == rows[i].passes && plan.width == WIDTH * (uint32_t)atoi(rows[i].factor));
        text_of(upscaler, "model", text);
        check(strcmp(text, rows[i].models) == 0);
        text_of(upscaler, "preset", text);
        check(strcmp(text, rows[i].preset) == 0);
        /* The notes name the model that a preset needs. One that would only be better is not named on every run. */
        text_of(upscaler, "notes", text);
        check((strstr(text, "enlarge models install realesrgan-x4plus") != NULL) == (strcmp(rows[i].preset, "detail") == 0));
        check(strstr(text, "srmdnf") == NULL);
        expect(ENL_OK, enl_options_reset(set.options, "factor"));
        expect(ENL_OK, enl_upscaler_free(upscaler));
    }

    check_row("another preset's options");
    enl_upscaler *upscaler = opened(&set, "crisp");
    expect(ENL_OK, enl_options_set(set.options, "preset", "natural"));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_plan(upscaler, set.options, WIDTH, HEIGHT, NULL, &plan));
    /* Options that are not set do not count as changed. */
    expect(ENL_OK, enl_options_reset(set.options, "preset"));
    expect(ENL_OK, enl_upscaler_plan(upscaler, set.options, WIDTH, HEIGHT, NULL, &plan));
    expect(ENL_OK, enl_upscaler_free(upscaler));
}

struct listener {
    enl_upscaler *upscaler;
    const enl_options *options;
    int messages;
};

/* The log callback for an opened network may open a network itself. */
static void plan_again(void *user_data, int32_t level, const char *message) {
    struct listener *listener = user_data;
    enl_plan plan;
    listener->messages++;
    check(level == ENL_LOG_INFO && strlen(message) > 0);
    expect(ENL_OK, enl_upscaler_plan(listener->upscaler, listener->options, WIDTH, HEIGHT, NULL, &plan));
    check(plan.passes == 2);
}

static void listens(struct set set) {
    check_row("a plan from inside the log");
    enl_plan plan;
    struct listener listener = {opened(&set, "natural"), set.options, 0};
    expect(ENL_OK, enl_options_set(set.options, "factor", "8"));
    expect(ENL_OK, enl_log_set(ENL_LOG_INFO, plan_again, &listener));
    expect_noisy(ENL_OK, enl_upscaler_plan(listener.upscaler, set.options, WIDTH, HEIGHT, NULL, &plan));
    expect(ENL_OK, enl_log_set(ENL_LOG_INFO, NULL, NULL));
    check(listener.messages == 1 && plan.passes == 2);
    expect(ENL_OK, enl_upscaler_free(listener.upscaler));
}

/* Pixels at full strength and at strength 0. */
static void runs(struct set set) {
    enl_view source = set_source(), target = set_target();
    enl_plan plan;
    char text[TEXT];
    check_row("a run");
    enl_upscaler *upscaler = opened(&set, "crisp");
    expect(ENL_OK, enl_upscaler_run(upscaler, set.options, &source, NULL, NULL, NULL, NULL, &target));
    check(set_right(&target));
    check_row("strength 0");
    expect(ENL_OK, enl_options_set_integer(set.options, "strength", 0));
    expect(ENL_OK, enl_upscaler_plan(upscaler, set.options, WIDTH, HEIGHT, NULL, &plan));
    check(plan.passes == 0 && plan.tiles == 0);
    expect(ENL_OK, enl_upscaler_run(upscaler, set.options, &source, NULL, NULL, NULL, NULL, &target));
    check(!set_right(&target));
    expect(ENL_OK, enl_options_reset(set.options, "strength"));
    check_row("a level that changes nothing");
    expect(ENL_OK, enl_options_set_integer(set.options, "denoise", 30));
    expect(ENL_OK, enl_upscaler_run(upscaler, set.options, &source, NULL, NULL, NULL, NULL, &target));
    text_of(upscaler, "notes", text);
    check(strstr(text, "noise levels") != NULL);
    /* A noise level in a model's unit needs a model. */
    expect(ENL_OK, enl_options_set_float(set.options, "noise_level", 0.1));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_plan(upscaler, set.options, WIDTH, HEIGHT, NULL, &plan));
    expect(ENL_OK, enl_options_reset(set.options, "noise_level"));
    expect(ENL_OK, enl_upscaler_free(upscaler));

    check_row("a level for a model without");
    expect(ENL_OK, enl_options_set(set.options, "model", "nearest"));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_plan(set.upscaler, set.options, WIDTH, HEIGHT, NULL, &plan));
    expect(ENL_OK, enl_options_reset(set.options, "denoise"));
    expect(ENL_OK, enl_upscaler_plan(set.upscaler, set.options, WIDTH, HEIGHT, NULL, &plan));
}

struct picture {
    int noise;
    int calls, stop_at;
    uint32_t next;
};

/* A gradient with noise of this amplitude, in 8-bit levels. */
static int32_t give(void *user_data, uint32_t x, uint32_t y, void *row, size_t size) {
    struct picture *picture = user_data;
    check(x == 0 && y == picture->next++ && size == 3 * SIDE);
    uint32_t state = y * 2654435761u + 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        int noise = (int)(state >> 16) % (2 * picture->noise + 1) - picture->noise;
        ((uint8_t *)row)[i] = (uint8_t)(100 + (int)(i / 3 + y) / 4 + noise);
    }
    return picture->calls++ == picture->stop_at ? !ENL_CONTINUE : ENL_CONTINUE;
}

/* If no network runs, the level is not measured. A picture of one or two rows has the level 0. */
static void looks_only_where_a_network_runs(struct set set, enl_upscaler *upscaler) {
    static const struct {
        const char *row, *key, *value;
        int32_t height, reads, level;
    } cases[] = {{"no strength", "strength", "0", SIDE, 0, -1},
                 {"a little strength", "strength", "1", SIDE, SIDE, 0},
                 {"smaller", "factor", "0.9", SIDE, 0, -1},
                 {"as large", "factor", "1", SIDE, SIDE, 0},
                 {"three rows", "factor", "2", 3, 3, 0},
                 {"two rows", "factor", "2", 2, 0, 0},
                 {"one row", "factor", "2", 1, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_row(cases[i].row);
        struct picture picture = {.stop_at = -1};
        enl_source source = {give, &picture, SIDE, (uint32_t)cases[i].height, FORMAT, 0};
        int32_t level = -7;
        expect(ENL_OK, enl_options_set(set.options, cases[i].key, cases[i].value));
        expect(ENL_OK, enl_upscaler_measure(upscaler, set.options, &source, NULL, &level));
        check(picture.calls == cases[i].reads && level == cases[i].level);
        expect(ENL_OK, enl_options_reset(set.options, cases[i].key));
    }
}

static void measures(struct set set) {
    static const struct {
        const char *preset;
        int noise, looks;
    } rows[] = {{"natural", 30, 0}, {"crisp", 30, 0}, {"clean", 30, 1}, {"clean", 0, 1}};
    int32_t level, noisy = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(rows[i].preset);
        enl_upscaler *upscaler = opened(&set, rows[i].preset);
        struct picture picture = {.noise = rows[i].noise, .stop_at = -1};
        enl_source source = {give, &picture, SIDE, SIDE, FORMAT, 0};
        level = -7;
        expect(ENL_OK, enl_upscaler_measure(upscaler, set.options, &source, NULL, &level));
        check(picture.calls == (rows[i].looks ? SIDE : 0));
        if (!rows[i].looks) check(level == -1);
        else if (rows[i].noise) check((noisy = level) > 10 && level <= 60);
        else check(level == 0);
        /* A level that was set is not measured. */
        picture = (struct picture){.noise = rows[i].noise, .stop_at = -1};
        expect(ENL_OK, enl_options_set_integer(set.options, "denoise", 5));
        expect(ENL_OK, enl_upscaler_measure(upscaler, set.options, &source, NULL, &level));
        check(level == -1 && picture.calls == 0);
        expect(ENL_OK, enl_options_reset(set.options, "denoise"));
        expect(ENL_OK, enl_upscaler_free(upscaler));
    }

    enl_upscaler *upscaler = opened(&set, "clean");
    looks_only_where_a_network_runs(set, upscaler);

    check_row("content");
    enl_upscaler *creative = opened(&set, "creative");
    struct picture photo = {.noise = 30, .stop_at = -1};
    enl_source of_photo = {give, &photo, SIDE, SIDE, FORMAT, 0};
    int32_t content = -7;
    expect(ENL_OK, enl_upscaler_measure_content(creative, set.options, &of_photo, NULL, &content));
    check(content == ENL_CONTENT_PHOTO && photo.calls == SIDE);
    expect(ENL_OK, enl_options_set(set.options, "content", "generated"));
    expect(ENL_OK, enl_upscaler_measure_content(creative, set.options, &of_photo, NULL, &content));
    check(content == ENL_CONTENT_UNUSED && photo.calls == SIDE);
    expect(ENL_OK, enl_options_reset(set.options, "content"));
    expect(ENL_OK, enl_options_set(set.options, "preset", "clean"));
    expect(ENL_OK, enl_upscaler_measure_content(upscaler, set.options, &of_photo, NULL, &content));
    check(content == ENL_CONTENT_UNUSED && photo.calls == SIDE);
    expect(ENL_OK, enl_upscaler_free(creative));

    check_row("stopped");
    struct picture picture = {.noise = 30, .stop_at = 9};
    enl_source source = {give, &picture, SIDE, SIDE, FORMAT, 0}, none = source;
    level = -7;
    expect(ENL_CANCELLED, enl_upscaler_measure(upscaler, set.options, &source, NULL, &level));
    check(level == -7 && picture.calls == 10);
    picture = (struct picture){.stop_at = -1};
    expect(ENL_OK, enl_cancel_request(set.cancel));
    expect(ENL_CANCELLED, enl_upscaler_measure(upscaler, set.options, &source, set.cancel, &level));
    check(level == -7);
    none.read = NULL;
    expect(ENL_ERROR_NULL, enl_upscaler_measure(upscaler, set.options, &none, NULL, &level));
    expect(ENL_ERROR_NULL, enl_upscaler_measure(upscaler, set.options, NULL, NULL, &level));
    check(level == -7);

    /* A run in memory measures the picture itself: the noisy picture gets the model for its level. */
    check_row("a run looks");
    enl_view small = {room(3 * SIDE * SIDE), 3 * SIDE * SIDE, 3 * SIDE, SIDE, SIDE, FORMAT, 0};
    enl_view large = {room(12 * SIDE * SIDE), 12 * SIDE * SIDE, 6 * SIDE, 2 * SIDE, 2 * SIDE, FORMAT, 0};
    for (int noise = 0; noise <= 30; noise += 30) {
        char model[TEXT], by_level[TEXT];
        enl_plan plan;
        picture = (struct picture){.noise = noise, .stop_at = -1};
        for (uint32_t y = 0; y < SIDE; y++) give(&picture, 0, y, (uint8_t *)small.data + y * small.stride, small.stride);
        expect(ENL_OK, enl_upscaler_run(upscaler, set.options, &small, NULL, NULL, NULL, NULL, &large));
        text_of(upscaler, "model", model);
        expect(ENL_OK, enl_options_set_integer(set.options, "denoise", noise ? noisy : 0));
        expect(ENL_OK, enl_upscaler_plan(upscaler, set.options, SIDE, SIDE, NULL, &plan));
        text_of(upscaler, "model", by_level);
        check(strcmp(model, by_level) == 0);
        expect(ENL_OK, enl_options_reset(set.options, "denoise"));
    }
    expect(ENL_OK, enl_upscaler_free(upscaler));
}

/* What a result says about how it was made. */
static void advice_text(const enl_advice *advice, size_t index, const char *property, char *text) {
    expect(ENL_OK, enl_advice_text(advice, index, property, text, TEXT, NULL));
}

static int32_t three_steps(void *user_data, double fraction, const char *text) {
    (void)text;
    int *steps = user_data;
    ++*steps;
    return fraction >= 0 && fraction <= 1 && *steps < 3 ? ENL_CONTINUE : 0;
}

/* A picture without a face; the search can be stopped by each of its callbacks. */
static void faces(struct set set) {
    size_t count = 7;
    int steps = 0;
    enl_face face;
    struct picture picture = {.stop_at = -1};
    enl_source source = {give, &picture, SIDE, SIDE, FORMAT, 0};
    enl_faces *found;
    check_row("no faces");
    expect(ENL_OK, enl_faces_find(set.registry, NULL, &source, NULL, NULL, NULL, &found));
    check(picture.calls == SIDE);
    expect(ENL_OK, enl_faces_count(found, &count));
    check(count == 0);
    expect(ENL_ERROR_ARGUMENT, enl_faces_get(found, 0, &face));
    expect(ENL_OK, enl_faces_free(found));
    expect(ENL_ERROR_BAD_HANDLE, enl_faces_free(found));

    check_row("faces, stopped");
    picture = (struct picture){.stop_at = 9};
    expect(ENL_CANCELLED, enl_faces_find(set.registry, set.options, &source, NULL, NULL, NULL, &found));
    check(found == NULL && picture.calls == 10);
    picture = (struct picture){.stop_at = -1};
    expect(ENL_CANCELLED, enl_faces_find(set.registry, NULL, &source, NULL, three_steps, &steps, &found));
    check(found == NULL && steps == 3);
    expect(ENL_OK, enl_cancel_request(set.cancel));
    expect(ENL_CANCELLED, enl_faces_find(set.registry, NULL, &source, set.cancel, NULL, NULL, &found));
    check(found == NULL);
}

/* A picture of 64 pixels is small for a factor of 4, and not for one of 2. */
static void advises(struct set set) {
    char text[TEXT];
    size_t count = 7, length = 7;
    double value = 7;
    enl_upscaler *upscaler = opened(&set, "natural");
    struct picture picture = {.stop_at = -1};
    enl_source source = {give, &picture, SIDE, SIDE, FORMAT, 0};
    enl_advice *advice;
    check_row("small");
    expect(ENL_OK, enl_advice_new(upscaler, set.options, &source, NULL, &advice));
    check(picture.calls == SIDE);
    expect(ENL_OK, enl_advice_count(advice, &count));
    check(count == 1);
    advice_text(advice, 0, "code", text);
    check(strcmp(text, "small") == 0);
    advice_text(advice, 0, "sentence", text);
    check(strstr(text, "64x64") != NULL);
    advice_text(advice, 0, "action", text);
    check(strstr(text, "by 2") != NULL);
    advice_text(advice, 0, "option", text);
    check(strcmp(text, "factor") == 0);
    advice_text(advice, 0, "option_value", text);
    check(strcmp(text, "2") == 0);
    expect(ENL_OK, enl_advice_value(advice, 0, &value));
    check(value == 64);
    expect(ENL_ERROR_BUFFER, enl_advice_text(advice, 0, "code", text, 3, &length));
    check(length == 5);
    expect(ENL_ERROR_ARGUMENT, enl_advice_text(advice, 0, "Code", text, TEXT, &length));
    expect(ENL_ERROR_ARGUMENT, enl_advice_text(advice, 1, "code", text, TEXT, &length));
    expect(ENL_ERROR_ARGUMENT, enl_advice_value(advice, 1, &value));
    expect(ENL_OK, enl_advice_free(advice));
    expect(ENL_ERROR_BAD_HANDLE, enl_advice_free(advice));

    check_row("large enough");
    picture = (struct picture){.stop_at = -1};
    expect(ENL_OK, enl_options_set(set.options, "factor", "2"));
    expect(ENL_OK, enl_advice_new(upscaler, set.options, &source, NULL, &advice));
    expect(ENL_OK, enl_advice_count(advice, &count));
    check(count == 0);
    expect(ENL_OK, enl_advice_free(advice));
    expect(ENL_OK, enl_options_reset(set.options, "factor"));

    check_row("advice, stopped");
    picture = (struct picture){.stop_at = 9};
    expect(ENL_CANCELLED, enl_advice_new(upscaler, set.options, &source, NULL, &advice));
    check(advice == NULL && picture.calls == 10);
    picture = (struct picture){.stop_at = -1};
    expect(ENL_OK, enl_cancel_request(set.cancel));
    expect(ENL_CANCELLED, enl_advice_new(upscaler, set.options, &source, set.cancel, &advice));
    check(advice == NULL);
    expect(ENL_OK, enl_upscaler_free(upscaler));
}

static void provenance(struct set set) {
    char text[TEXT];
    static const struct {
        const char *preset, *factor, *software, *source_type;
    } rows[] = {{"natural", "4", "(natural: realesr-general-x4v3, x4)", "/compositeWithTrainedAlgorithmicMedia"},
                {"crisp", "2", "(crisp: waifu2x-photo-x2, x2)", "/algorithmicallyEnhanced"},
                {"crisp", "0.5", "(bicubic, x0.5)", "/algorithmicallyEnhanced"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(rows[i].preset);
        enl_upscaler *upscaler = opened(&set, rows[i].preset);
        expect(ENL_OK, enl_options_set(set.options, "factor", rows[i].factor));
        expect(ENL_OK, enl_upscaler_provenance(upscaler, set.options, 20, 10, NULL, "software", text, TEXT, NULL));
        check(strncmp(text, "Enlarger ", 9) == 0 && strstr(text, rows[i].software) != NULL);
        expect(ENL_OK, enl_upscaler_provenance(upscaler, set.options, 20, 10, NULL, "source_type", text, TEXT, NULL));
        check(strncmp(text, "http://cv.iptc.org/newscodes/", 29) == 0 && strstr(text, rows[i].source_type) != NULL);
        expect(ENL_OK, enl_upscaler_provenance(upscaler, set.options, 20, 10, NULL, "xmp", text, TEXT, NULL));
        check(strstr(text, rows[i].source_type) != NULL && strstr(text, "<enlarger:SourceSize>20x10<") != NULL);
        check((strstr(text, " sha256:") != NULL) == (i < 2));
        expect(ENL_OK, enl_options_reset(set.options, "factor"));
        expect(ENL_OK, enl_upscaler_free(upscaler));
    }
    check_row("arguments");
    enl_upscaler *upscaler = opened(&set, "crisp");
    const enl_rect part = {2, 1, 10, 5}, outside = {15, 0, 10, 5};
    expect(ENL_OK, enl_upscaler_provenance(upscaler, NULL, 20, 10, &part, "xmp", text, TEXT, NULL));
    check(strstr(text, "<enlarger:ResultSize>20x10<") != NULL);
    size_t length = 7;
    strcpy(text, "as it was");
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_provenance(upscaler, NULL, 20, 10, &outside, "xmp", text, TEXT, &length));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_provenance(upscaler, NULL, 0, 10, NULL, "xmp", text, TEXT, &length));
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_provenance(upscaler, NULL, 20, 10, NULL, "XMP", text, TEXT, &length));
    check(strcmp(text, "as it was") == 0 && length == 7);
    expect(ENL_OK, enl_upscaler_free(upscaler));
}

/* A classical method names itself instead of a model, and ignores what concerns networks. */
static void methods(struct set set) {
    char text[TEXT];
    enl_upscaler *upscaler = NULL;
    uint8_t small[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, *large = room(108);
    enl_view source = {small, sizeof small, 6, 2, 2, FORMAT, 0}, target = {large, 108, 18, 6, 6, FORMAT, 0};
    check_row("nearest");
    expect(ENL_OK, enl_options_set(set.options, "model", "auto"));
    expect(ENL_OK, enl_options_set(set.options, "method", "nearest"));
    expect(ENL_OK, enl_options_set(set.options, "engine", "none-such"));
    expect(ENL_OK, enl_options_set(set.options, "factor", "3"));
    expect(ENL_OK, enl_upscaler_new(set.registry, set.options, &upscaler));
    static const char *const texts[][2] = {{"method", "nearest"}, {"model", ""},  {"preset", ""}, {"scale", "1"},
                                           {"engine", ""},        {"device", ""}, {"factor", "4"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text_of(upscaler, texts[i][0], text);
        check(strcmp(text, texts[i][1]) == 0);
    }
    text_of(upscaler, "notes", text);
    check(strstr(text, "the method nearest runs no network and ignores ") != NULL && strstr(text, "engine") != NULL);
    described(set.options, "strength", "applies", text);
    check(strcmp(text, "no") == 0);
    expect(ENL_OK, enl_upscaler_run(upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    for (size_t i = 0; i < 108; i++) check(large[i] == small[i / 54 * 6 + i % 18 / 9 * 3 + i % 3]);
    expect(ENL_OK, enl_upscaler_provenance(upscaler, NULL, 2, 2, NULL, "software", text, TEXT, NULL));
    check(strstr(text, "(nearest, x3)") != NULL);
    expect(ENL_OK, enl_upscaler_free(upscaler));
    expect(ENL_ERROR_ARGUMENT, enl_options_set(set.options, "method", "Nearest"));
}

void suite_preset(void) {
    void (*const cases[])(struct set) = {descriptions, chains, listens, runs, measures, advises, faces, provenance, methods};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct set set = set_up("plain");
        cases[i](set);
        set_down(&set);
    }
}
