/* Invalid handles: freed, of another type, pointers, numbers. No memory may be accessed through any of them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

static int32_t never_read(void *user_data, uint32_t x, uint32_t y, void *row, size_t size) {
    (void)user_data, (void)x, (void)y, (void)row, (void)size;
    return 0;
}

static int32_t never_write(void *user_data, uint32_t y, const void *row, size_t size) {
    (void)user_data, (void)y, (void)row, (void)size;
    return 0;
}

static const enl_source rows = {never_read, NULL, WIDTH, HEIGHT, FORMAT, 0};
static const enl_sink sink = {never_write, NULL, 2 * WIDTH, 2 * HEIGHT, FORMAT, 0};

/* Every function that takes a registry. */
static void all_registry(int32_t status, enl_registry *r) {
    size_t *out = room(sizeof *out);
    char *text = room(8);
    void **place = room(sizeof *place);
    expect(status, enl_registry_model_count(r, out));
    expect(status, enl_registry_engine_count(r, out));
    expect(status, enl_registry_device_count(r, out));
    expect(status, enl_registry_model_text(r, 0, "id", text, 8, out));
    expect(status, enl_registry_engine_text(r, 0, "id", text, 8, out));
    expect(status, enl_registry_device_text(r, 0, "id", text, 8, out));
    expect(status, enl_registry_available_count(r, out));
    expect(status, enl_registry_available_text(r, 0, "id", text, 8, out));
    expect(status, enl_registry_import(r, "/nowhere", NULL, NULL, NULL, text, 8, out));
    expect(status, enl_registry_install(r, "nothing", 0, NULL, NULL, NULL));
    expect(status, enl_registry_remove(r, "nothing"));
    *place = place;
    expect(status, enl_options_new(r, (enl_options **)place));
    check(*place == NULL);
    *place = place;
    expect(status, enl_upscaler_new(r, NULL, (enl_upscaler **)place));
    check(*place == NULL);
    check(room_untouched(out, sizeof *out) && room_untouched(text, 8));
}

/* Every function that takes options; `upscaler` and `registry` are valid. */
static void all_options(int32_t status, enl_options *o, const struct set *set) {
    size_t *out = room(sizeof *out);
    char *text = room(8);
    void **place = room(sizeof *place);
    enl_plan *plan = room(sizeof *plan);
    enl_view source = set_source(), target = set_target();
    expect(status, enl_options_set(o, "tile", "1"));
    expect(status, enl_options_set_integer(o, "tile", 1));
    expect(status, enl_options_set_float(o, "factor", 1));
    expect(status, enl_options_set_bytes(o, "icc_profile", text, 8));
    expect(status, enl_options_reset(o, "tile"));
    expect(status, enl_options_count(o, out));
    expect(status, enl_options_key(o, 0, text, 8, out));
    expect(status, enl_options_describe(o, "tile", "label", text, 8, out));
    *place = place;
    expect(status, enl_upscaler_new(set->registry, o, (enl_upscaler **)place));
    check(*place == NULL);
    expect(status, enl_upscaler_plan(set->upscaler, o, 1, 1, NULL, plan));
    expect(status, enl_upscaler_provenance(set->upscaler, o, 1, 1, NULL, "xmp", text, 8, out));
    expect(status, enl_upscaler_run(set->upscaler, o, &source, NULL, NULL, NULL, NULL, &target));
    expect(status, enl_upscaler_stream(set->upscaler, o, &rows, NULL, NULL, NULL, NULL, &sink));
    expect(status, enl_upscaler_measure(set->upscaler, o, &rows, NULL, &(int32_t){0}));
    expect(status, enl_upscaler_measure_content(set->upscaler, o, &rows, NULL, &(int32_t){0}));
    *place = place;
    expect(status, enl_advice_new(set->upscaler, o, &rows, NULL, (enl_advice **)place));
    check(*place == NULL);
    *place = place;
    expect(status, enl_damage_find(set->upscaler, o, &rows, NULL, (enl_damage **)place));
    check(*place == NULL);
    expect(status, enl_options_set_damage(o, NULL));
    expect(status, enl_options_set_scratch_mask(o, NULL));
    check(room_untouched(out, sizeof *out) && room_untouched(text, 8) && room_untouched(plan, sizeof *plan));
    check(room_untouched(target.data, target.size));
}

/* Every function that takes an upscaler. */
static void all_upscaler(int32_t status, enl_upscaler *u) {
    size_t *out = room(sizeof *out);
    char *text = room(8);
    enl_plan *plan = room(sizeof *plan);
    enl_view source = set_source(), target = set_target();
    expect(status, enl_upscaler_text(u, "model", text, 8, out));
    expect(status, enl_upscaler_plan(u, NULL, 1, 1, NULL, plan));
    expect(status, enl_upscaler_provenance(u, NULL, 1, 1, NULL, "xmp", text, 8, out));
    expect(status, enl_upscaler_run(u, NULL, &source, NULL, NULL, NULL, NULL, &target));
    expect(status, enl_upscaler_stream(u, NULL, &rows, NULL, NULL, NULL, NULL, &sink));
    expect(status, enl_upscaler_measure(u, NULL, &rows, NULL, &(int32_t){0}));
    expect(status, enl_upscaler_measure_content(u, NULL, &rows, NULL, &(int32_t){0}));
    enl_advice *advice = (enl_advice *)text;
    expect(status, enl_advice_new(u, NULL, &rows, NULL, &advice));
    check(advice == NULL);
    enl_damage *damage = (enl_damage *)text;
    expect(status, enl_damage_find(u, NULL, &rows, NULL, &damage));
    check(damage == NULL);
    check(room_untouched(out, sizeof *out) && room_untouched(text, 8) && room_untouched(plan, sizeof *plan));
    check(room_untouched(target.data, target.size));
}

/* Every function that takes advice. */
static void all_advice(int32_t status, enl_advice *a) {
    size_t *out = room(sizeof *out);
    char *text = room(8);
    double *value = room(sizeof *value);
    expect(status, enl_advice_count(a, out));
    expect(status, enl_advice_text(a, 0, "code", text, 8, out));
    expect(status, enl_advice_value(a, 0, value));
    check(room_untouched(out, sizeof *out) && room_untouched(text, 8) && room_untouched(value, sizeof *value));
}

/* Every function that takes a list of faces. */
static void all_faces(int32_t status, enl_faces *faces) {
    size_t *out = room(sizeof *out);
    enl_face *face = room(sizeof *face);
    expect(status, enl_faces_count(faces, out));
    expect(status, enl_faces_get(faces, 0, face));
    check(room_untouched(out, sizeof *out) && room_untouched(face, sizeof *face));
}

/* Every function that takes damage; the options are valid. */
static void all_damage(int32_t status, enl_damage *damage, enl_options *options) {
    enl_view target = set_target();
    expect(status, enl_damage_mask(damage, &target));
    expect(status, enl_options_set_damage(options, damage));
    check(room_untouched(target.data, target.size));
}

/* Every function that takes a cancellation token; the upscaler is valid. */
static void all_cancel(int32_t status, enl_cancel *c, enl_upscaler *upscaler) {
    int32_t *out = room(sizeof *out);
    enl_view source = set_source(), target = set_target();
    expect(status, enl_cancel_request(c));
    expect(status, enl_cancel_is_requested(c, out));
    expect(status, enl_upscaler_run(upscaler, NULL, &source, NULL, c, NULL, NULL, &target));
    expect(status, enl_upscaler_stream(upscaler, NULL, &rows, NULL, c, NULL, NULL, &sink));
    expect(status, enl_upscaler_measure(upscaler, NULL, &rows, c, &(int32_t){0}));
    expect(status, enl_upscaler_measure_content(upscaler, NULL, &rows, c, &(int32_t){0}));
    expect(status, enl_advice_new(upscaler, NULL, &rows, c, &(enl_advice *){NULL}));
    expect(status, enl_damage_find(upscaler, NULL, &rows, c, &(enl_damage *){NULL}));
    check(room_untouched(out, sizeof *out) && room_untouched(target.data, target.size));
}

/* The pointer is not a handle of any type except `but`: 1 to 4, in the order of `struct set`; 0 for none. */
static void refused(void *handle, int but, const struct set *set) {
    if (but != 1) {
        all_registry(ENL_ERROR_BAD_HANDLE, handle);
        expect(ENL_ERROR_BAD_HANDLE, enl_registry_free(handle));
    }
    if (but != 2) {
        all_options(ENL_ERROR_BAD_HANDLE, handle, set);
        expect(ENL_ERROR_BAD_HANDLE, enl_options_free(handle));
    }
    if (but != 3) {
        all_upscaler(ENL_ERROR_BAD_HANDLE, handle);
        expect(ENL_ERROR_BAD_HANDLE, enl_upscaler_free(handle));
    }
    if (but != 4) {
        all_cancel(ENL_ERROR_BAD_HANDLE, handle, set->upscaler);
        expect(ENL_ERROR_BAD_HANDLE, enl_cancel_free(handle));
    }
    all_advice(ENL_ERROR_BAD_HANDLE, handle);
    expect(ENL_ERROR_BAD_HANDLE, enl_advice_free(handle));
    all_faces(ENL_ERROR_BAD_HANDLE, handle);
    expect(ENL_ERROR_BAD_HANDLE, enl_faces_free(handle));
    all_damage(ENL_ERROR_BAD_HANDLE, handle, set->options);
    expect(ENL_ERROR_BAD_HANDLE, enl_damage_free(handle));
}

static void foreign(struct set set) {
    int local = 1;
    void *heap = malloc(64), *inaccessible = (char *)room(1) + 1;
    memset(heap, 0xFF, 64);
    check_row("a pointer to the stack");
    refused(&local, 0, &set);
    check_row("a pointer to the heap");
    refused(heap, 0, &set);
    check_row("a pointer to nowhere");
    refused(inaccessible, 0, &set);
    check_row("a pointer to code");
    refused((void *)(uintptr_t)suite_handle, 0, &set);
    check_row("all ones");
    refused((void *)UINTPTR_MAX, 0, &set);
    check_row("one");
    refused((void *)(uintptr_t)1, 0, &set);
    free(heap);

    check_row("other kinds");
    refused(set.registry, 1, &set);
    refused(set.options, 2, &set);
    refused(set.upscaler, 3, &set);
    refused(set.cancel, 4, &set);
}

static void freed(void) {
    struct set set = set_up("plain"), old = set_up("plain"), copy = old;
    set_down(&old);
    check_row("freed");
    refused(copy.registry, 0, &set);
    refused(copy.options, 0, &set);
    refused(copy.upscaler, 0, &set);
    refused(copy.cancel, 0, &set);
    /* Slots are reused; the old handles must stay invalid. */
    old = set_up("plain");
    check_row("freed, and the place used again");
    refused(copy.registry, 0, &set);
    refused(copy.options, 0, &set);
    refused(copy.upscaler, 0, &set);
    refused(copy.cancel, 0, &set);
    set_down(&old);
    set_down(&set);
}

/* Numbers that differ from a valid handle in one bit. */
static void near(void) {
    struct set set = set_up("plain");
    void *handles[] = {set.registry, set.options, set.upscaler, set.cancel};
    size_t count;
    int32_t answer;
    check_row("one bit away");
    for (size_t i = 0; i < 4; i++) {
        for (unsigned bit = 0; bit < sizeof(void *) * 8; bit++) {
            void *near = (void *)((uintptr_t)handles[i] ^ (uintptr_t)1 << bit);
            if (near == set.registry || near == set.options || near == set.upscaler || near == set.cancel) continue;
            expect(ENL_ERROR_BAD_HANDLE, enl_registry_model_count(near, &count));
            expect(ENL_ERROR_BAD_HANDLE, enl_options_count(near, &count));
            expect(ENL_ERROR_BAD_HANDLE, enl_upscaler_plan(near, NULL, 1, 1, NULL, NULL));
            expect(ENL_ERROR_BAD_HANDLE, enl_cancel_is_requested(near, &answer));
        }
    }
    set_down(&set);
}

static uint64_t next(uint64_t *state) {
    /* Marsaglia's xorshift, which gives the same numbers in every run. */
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return *state;
}

/* Millions of numbers: random ones, and ones that look like handles. */
static void numbers(void) {
    struct set set = set_up("plain");
    uint64_t state = 88172645463325252u;
    int32_t answer;
    size_t count, wrong = 0;
    check_row("random numbers");
    for (int i = 0; i < 1000000 / suite_share; i++) {
        uintptr_t any = (uintptr_t)next(&state);
        uintptr_t handles[3] = {any, (uintptr_t)set.cancel ^ (any & 0xFFFFFF0), (uintptr_t)set.options ^ (any << 24 >> 1)};
        for (size_t k = 0; k < 3; k++) {
            void *handle = (void *)handles[k];
            if (handle == NULL || handle == set.cancel || handle == set.options) continue;
            wrong += enl_cancel_is_requested(handle, &answer) != ENL_ERROR_BAD_HANDLE;
            wrong += enl_options_count(handle, &count) != ENL_ERROR_BAD_HANDLE;
            wrong += enl_upscaler_free(handle) != (handle == set.upscaler ? ENL_OK : ENL_ERROR_BAD_HANDLE);
        }
    }
    check(wrong == 0);
    set_down(&set);
}

/* The maximum number of handles, then one more. After that, all slots can be reused. */
static void many(void) {
    enum { MOST = 1 << 20 };
    size_t count = suite_share == 1 ? MOST : 1000, made = 0;
    enl_cancel **cancels = malloc(MOST * sizeof *cancels), *more = NULL;
    for (int round = 0; round < 2; round++) {
        check_row(round ? "many handles, again" : "many handles");
        for (made = 0; made < count && enl_cancel_new(&cancels[made]) == ENL_OK; made++) {}
        check(made == count);
        if (count == MOST) {
            more = cancels[0];
            expect(ENL_ERROR_LIMIT, enl_cancel_new(&more));
            check(more == NULL);
            expect(ENL_OK, enl_cancel_free(cancels[MOST / 2]));
            expect(ENL_OK, enl_cancel_new(&cancels[MOST / 2]));
        }
        size_t wrong = 0;
        for (size_t i = 0; i < made; i++) wrong += enl_cancel_free(cancels[i]) != ENL_OK;
        for (size_t i = 0; i < made; i++) wrong += enl_cancel_free(cancels[i]) != ENL_ERROR_BAD_HANDLE;
        check(wrong == 0);
    }
    free(cancels);

    check_row("100000 registries and options, one after another and at once");
    struct set set = set_up("plain");
    enl_options **options = malloc(100000 * sizeof *options);
    size_t wrong = 0, total = (size_t)(100000 / suite_share);
    for (size_t i = 0; i < total; i++) wrong += enl_options_new(set.registry, &options[i]) != ENL_OK;
    for (size_t i = 0; i < total; i++) wrong += enl_options_free(options[total - 1 - i]) != ENL_OK;
    for (size_t i = 0; i < total; i++) wrong += enl_options_new(set.registry, &options[0]) != ENL_OK || enl_options_free(options[0]) != ENL_OK;
    check(wrong == 0);
    free(options);
    set_down(&set);
}

/* Objects stay usable after the objects that they were created with are freed. */
static void any_order(void) {
    check_row("freed in any order");
    struct set set = set_up("plain");
    enl_view source = set_source(), target = set_target();
    size_t count;
    expect(ENL_OK, enl_registry_free(set.registry));
    set.registry = NULL;
    expect(ENL_OK, enl_options_set(set.options, "tile", "3"));
    expect(ENL_OK, enl_options_count(set.options, &count));
    expect(ENL_OK, enl_upscaler_run(set.upscaler, set.options, &source, NULL, set.cancel, NULL, NULL, &target));
    check(set_right(&target));
    expect(ENL_OK, enl_options_free(set.options));
    set.options = NULL;
    expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, &source, NULL, set.cancel, NULL, NULL, &target));
    set_down(&set);
}

void suite_handle(void) {
    struct set set = set_up("plain");
    foreign(set);
    set_down(&set);
    freed();
    near();
    any_order();
    numbers();
    many();
}
