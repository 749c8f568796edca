/* NULL for each pointer of each function in turn: the function returns the status in the header and writes no results. */
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

/* Memory for results, each at the end of its guarded block. */
struct outs {
    size_t *count;
    size_t *length;
    char *text;
    int32_t *answer;
    enl_plan *plan;
};

enum { TEXT = 64 };

static struct outs outs(void) {
    return (struct outs){room(sizeof(size_t)), room(sizeof(size_t)), room(TEXT), room(sizeof(int32_t)), room(sizeof(enl_plan))};
}

static void check_untouched(struct outs o) {
    check(room_untouched(o.count, sizeof *o.count));
    check(room_untouched(o.length, sizeof *o.length));
    check(room_untouched(o.text, TEXT));
    check(room_untouched(o.answer, sizeof *o.answer));
    check(room_untouched(o.plan, sizeof *o.plan));
}

/* Handles are the exception: they are set to NULL on every failure. */
static void handles(struct set s) {
    void **place = room(sizeof *place);
    const char *none[1] = {NULL};

    check_row("places for handles");
    expect(ENL_ERROR_NULL, enl_registry_new(&set_models, 1, NULL));
    expect(ENL_ERROR_NULL, enl_options_new(s.registry, NULL));
    expect(ENL_ERROR_NULL, enl_upscaler_new(s.registry, s.options, NULL));
    /* This is the message that `expect` uses to recognise an earlier failure. */
    expect(ENL_ERROR_NULL, enl_options_new(NULL, (enl_options **)place));
    check(enl_cancel_new(NULL) == ENL_ERROR_NULL);
    char sentence[64] = "";
    enl_last_error(sentence, sizeof sentence);
    check(strcmp(sentence, "'cancel' is NULL; pass a valid pointer") == 0);

    check_row("what handles are made of");
    *place = s.registry;
    expect(ENL_ERROR_NULL, enl_registry_new(NULL, 1, (enl_registry **)place));
    check(*place == NULL);
    *place = s.registry;
    expect(ENL_ERROR_NULL, enl_registry_new(none, 1, (enl_registry **)place));
    check(*place == NULL);
    *place = s.registry;
    expect(ENL_ERROR_NULL, enl_options_new(NULL, (enl_options **)place));
    check(*place == NULL);
    *place = s.registry;
    expect(ENL_ERROR_NULL, enl_upscaler_new(NULL, s.options, (enl_upscaler **)place));
    check(*place == NULL);

    check_row("free");
    expect(ENL_OK, enl_registry_free(NULL));
    expect(ENL_OK, enl_options_free(NULL));
    expect(ENL_OK, enl_upscaler_free(NULL));
    expect(ENL_OK, enl_cancel_free(NULL));

    check_row("allowed");
    enl_registry *registry = NULL;
    enl_upscaler *upscaler = NULL;
    expect(ENL_OK, enl_registry_new(NULL, 0, &registry));
    expect(ENL_OK, enl_upscaler_new(registry, NULL, &upscaler));
    expect(ENL_OK, enl_upscaler_free(upscaler));
    expect(ENL_OK, enl_registry_free(registry));
    expect(ENL_OK, enl_log_set(0, NULL, NULL));
}

static void registry(struct set s, struct outs o) {
    typedef int32_t count_function(const enl_registry *, size_t *);
    typedef int32_t text_function(const enl_registry *, size_t, const char *, char *, size_t, size_t *);
    count_function *counts[] = {enl_registry_model_count, enl_registry_engine_count, enl_registry_device_count,
                                enl_registry_available_count};
    text_function *texts[] = {enl_registry_model_text, enl_registry_engine_text, enl_registry_device_text,
                              enl_registry_available_text};
    const char *rows[] = {"model", "engine", "device", "available"};
    for (size_t i = 0; i < 4; i++) {
        check_row(rows[i]);
        expect(ENL_ERROR_NULL, counts[i](NULL, o.count));
        expect(ENL_ERROR_NULL, counts[i](s.registry, NULL));
        expect(ENL_ERROR_NULL, texts[i](NULL, 0, "id", o.text, TEXT, o.length));
        expect(ENL_ERROR_NULL, texts[i](s.registry, 0, NULL, o.text, TEXT, o.length));
        expect(ENL_ERROR_NULL, texts[i](s.registry, 0, "id", NULL, TEXT, NULL));
    }
}

static void models(struct set s, struct outs o) {
    check_row("models");
    expect(ENL_ERROR_NULL, enl_registry_import(NULL, "/nowhere", NULL, NULL, NULL, o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_registry_import(s.registry, NULL, NULL, NULL, NULL, o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_registry_import(s.registry, "/nowhere", NULL, NULL, NULL, NULL, TEXT, NULL));
    expect(ENL_ERROR_NULL, enl_registry_install(NULL, "nothing", 0, NULL, NULL, NULL));
    expect(ENL_ERROR_NULL, enl_registry_install(s.registry, NULL, 0, NULL, NULL, NULL));
    expect(ENL_ERROR_NULL, enl_registry_remove(NULL, "nothing"));
    expect(ENL_ERROR_NULL, enl_registry_remove(s.registry, NULL));
}

static void options(struct set s, struct outs o) {
    check_row("options");
    expect(ENL_ERROR_NULL, enl_options_set(NULL, "tile", "1"));
    expect(ENL_ERROR_NULL, enl_options_set(s.options, NULL, "1"));
    expect(ENL_ERROR_NULL, enl_options_set(s.options, "tile", NULL));
    expect(ENL_ERROR_NULL, enl_options_set_integer(NULL, "tile", 1));
    expect(ENL_ERROR_NULL, enl_options_set_integer(s.options, NULL, 1));
    expect(ENL_ERROR_NULL, enl_options_set_float(NULL, "factor", 1));
    expect(ENL_ERROR_NULL, enl_options_set_float(s.options, NULL, 1));
    expect(ENL_ERROR_NULL, enl_options_set_bytes(NULL, "icc_profile", "x", 1));
    expect(ENL_ERROR_NULL, enl_options_set_bytes(s.options, NULL, "x", 1));
    expect(ENL_ERROR_NULL, enl_options_set_bytes(s.options, "icc_profile", NULL, 1));
    expect(ENL_OK, enl_options_set_bytes(s.options, "icc_profile", NULL, 0));
    expect(ENL_ERROR_NULL, enl_options_set_mask(NULL, NULL));
    expect(ENL_OK, enl_options_set_mask(s.options, NULL));
    expect(ENL_ERROR_NULL, enl_options_reset(NULL, "tile"));
    expect(ENL_ERROR_NULL, enl_options_reset(s.options, NULL));
    expect(ENL_ERROR_NULL, enl_options_count(NULL, o.count));
    expect(ENL_ERROR_NULL, enl_options_count(s.options, NULL));
    expect(ENL_ERROR_NULL, enl_options_key(NULL, 0, o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_options_key(s.options, 0, NULL, TEXT, NULL));
    expect(ENL_ERROR_NULL, enl_options_describe(NULL, "tile", "label", o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_options_describe(s.options, NULL, "label", o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_options_describe(s.options, "tile", NULL, o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_options_describe(s.options, "tile", "label", NULL, TEXT, NULL));
}

static void upscaler(struct set s, struct outs o) {
    check_row("upscaler");
    expect(ENL_ERROR_NULL, enl_upscaler_text(NULL, "model", o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_upscaler_text(s.upscaler, NULL, o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_upscaler_text(s.upscaler, "model", NULL, TEXT, NULL));
    expect(ENL_ERROR_NULL, enl_upscaler_provenance(NULL, NULL, 1, 1, NULL, "xmp", o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_upscaler_provenance(s.upscaler, NULL, 1, 1, NULL, NULL, o.text, TEXT, o.length));
    expect(ENL_ERROR_NULL, enl_upscaler_provenance(s.upscaler, NULL, 1, 1, NULL, "xmp", NULL, TEXT, NULL));
    expect(ENL_ERROR_NULL, enl_upscaler_plan(NULL, NULL, 1, 1, NULL, o.plan));
    expect(ENL_ERROR_NULL, enl_upscaler_plan(s.upscaler, NULL, 1, 1, NULL, NULL));

    check_row("cancel");
    expect(ENL_ERROR_NULL, enl_cancel_request(NULL));
    expect(ENL_ERROR_NULL, enl_cancel_is_requested(NULL, o.answer));
    expect(ENL_ERROR_NULL, enl_cancel_is_requested(s.cancel, NULL));
}

static int32_t never_read(void *user_data, uint32_t x, uint32_t y, void *row, size_t size) {
    (void)user_data, (void)x, (void)y, (void)row, (void)size;
    check(!"a row was asked for");
    return ENL_CONTINUE;
}

static int32_t never_write(void *user_data, uint32_t y, const void *row, size_t size) {
    (void)user_data, (void)y, (void)row, (void)size;
    check(!"a row was written");
    return ENL_CONTINUE;
}

static void run(struct set s) {
    enl_view source = set_source(), target = set_target(), no_source = source, no_target = target;
    no_source.data = no_target.data = NULL;

    check_row("run");
    expect(ENL_ERROR_NULL, enl_upscaler_run(NULL, NULL, &source, NULL, NULL, NULL, NULL, &target));
    expect(ENL_ERROR_NULL, enl_upscaler_run(s.upscaler, NULL, NULL, NULL, NULL, NULL, NULL, &target));
    expect(ENL_ERROR_NULL, enl_upscaler_run(s.upscaler, NULL, &source, NULL, NULL, NULL, NULL, NULL));
    expect(ENL_ERROR_NULL, enl_upscaler_run(s.upscaler, NULL, &no_source, NULL, NULL, NULL, NULL, &target));
    expect(ENL_ERROR_NULL, enl_upscaler_run(s.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &no_target));
    check(room_untouched(target.data, target.size));

    check_row("stream");
    int32_t level;
    enl_source rows = {never_read, NULL, WIDTH, HEIGHT, FORMAT, 0}, no_read = rows;
    enl_sink sink = {never_write, NULL, 2 * WIDTH, 2 * HEIGHT, FORMAT, 0}, no_write = sink;
    no_read.read = NULL;
    no_write.write = NULL;
    expect(ENL_ERROR_NULL, enl_upscaler_wants_faces(NULL, NULL, 8, 8, &level));
    expect(ENL_ERROR_NULL, enl_upscaler_wants_faces(s.upscaler, NULL, 8, 8, NULL));
    expect(ENL_ERROR_NULL, enl_upscaler_measure_faces(NULL, NULL, &rows, NULL, &level));
    expect(ENL_ERROR_NULL, enl_upscaler_measure_faces(s.upscaler, NULL, &rows, NULL, NULL));
    expect(ENL_ERROR_NULL, enl_upscaler_measure(NULL, NULL, &rows, NULL, &level));
    expect(ENL_ERROR_NULL, enl_upscaler_measure(s.upscaler, NULL, NULL, NULL, &level));
    expect(ENL_ERROR_NULL, enl_upscaler_measure(s.upscaler, NULL, &no_read, NULL, &level));
    expect(ENL_ERROR_NULL, enl_upscaler_measure(s.upscaler, NULL, &rows, NULL, NULL));
    expect(ENL_ERROR_NULL, enl_upscaler_measure_content(NULL, NULL, &rows, NULL, &level));
    expect(ENL_ERROR_NULL, enl_upscaler_measure_content(s.upscaler, NULL, NULL, NULL, &level));
    expect(ENL_ERROR_NULL, enl_upscaler_measure_content(s.upscaler, NULL, &no_read, NULL, &level));
    expect(ENL_ERROR_NULL, enl_upscaler_measure_content(s.upscaler, NULL, &rows, NULL, NULL));
    enl_advice *advice;
    expect(ENL_ERROR_NULL, enl_advice_new(NULL, NULL, &rows, NULL, &advice));
    expect(ENL_ERROR_NULL, enl_advice_new(s.upscaler, NULL, NULL, NULL, &advice));
    expect(ENL_ERROR_NULL, enl_advice_new(s.upscaler, NULL, &no_read, NULL, &advice));
    expect(ENL_ERROR_NULL, enl_advice_new(s.upscaler, NULL, &rows, NULL, NULL));
    expect(ENL_ERROR_NULL, enl_advice_count(NULL, &(size_t){0}));
    expect(ENL_ERROR_NULL, enl_advice_value(NULL, 0, &(double){0}));
    expect(ENL_ERROR_NULL, enl_advice_text(NULL, 0, "code", NULL, 0, &(size_t){0}));
    expect(ENL_OK, enl_advice_free(NULL));
    enl_faces *faces;
    expect(ENL_ERROR_NULL, enl_faces_find(NULL, NULL, &rows, NULL, NULL, NULL, &faces));
    expect(ENL_ERROR_NULL, enl_faces_find(s.registry, NULL, NULL, NULL, NULL, NULL, &faces));
    expect(ENL_ERROR_NULL, enl_faces_find(s.registry, NULL, &no_read, NULL, NULL, NULL, &faces));
    expect(ENL_ERROR_NULL, enl_faces_find(s.registry, NULL, &rows, NULL, NULL, NULL, NULL));
    expect(ENL_ERROR_NULL, enl_faces_count(NULL, &(size_t){0}));
    expect(ENL_ERROR_NULL, enl_faces_get(NULL, 0, &(enl_face){0}));
    expect(ENL_OK, enl_faces_free(NULL));
    expect(ENL_ERROR_NULL, enl_upscaler_stream(NULL, NULL, &rows, NULL, NULL, NULL, NULL, &sink));
    expect(ENL_ERROR_NULL, enl_upscaler_stream(s.upscaler, NULL, NULL, NULL, NULL, NULL, NULL, &sink));
    expect(ENL_ERROR_NULL, enl_upscaler_stream(s.upscaler, NULL, &rows, NULL, NULL, NULL, NULL, NULL));
    expect(ENL_ERROR_NULL, enl_upscaler_stream(s.upscaler, NULL, &no_read, NULL, NULL, NULL, NULL, &sink));
    expect(ENL_ERROR_NULL, enl_upscaler_stream(s.upscaler, NULL, &rows, NULL, NULL, NULL, NULL, &no_write));

    check_row("everything that may be NULL");
    expect(ENL_OK, enl_upscaler_run(s.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    check(set_right(&target));
}

void suite_null(void) {
    struct set set = set_up("plain");
    struct outs results = outs();
    handles(set);
    registry(set, results);
    models(set, results);
    options(set, results);
    upscaler(set, results);
    check_row("results");
    check_untouched(results);
    run(set);
    set_down(&set);
}
