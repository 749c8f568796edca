/* Damage of old photographs: found before a stream, handed to it, and written as a mask.
 *
 * The picture is a faded gradient with a bright scratch. No network runs: repairs come before all else.
 */
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

enum { SIDE = 192, GRAY = ENL_CHANNELS_GRAY + ENL_SAMPLE_U8, SCRATCH = 90, THICK = 2, AREA = SIDE * SIDE };

static uint8_t sample(uint32_t x, uint32_t y, int scratched) {
    if (scratched && x >= SCRATCH && x < SCRATCH + THICK) return 235;
    return (uint8_t)(70 + (x + y) / 4);
}

struct rows {
    int calls, stop_at;
    uint8_t *result;
};

static int32_t give(void *user_data, uint32_t x, uint32_t y, void *row, size_t size) {
    struct rows *rows = user_data;
    for (uint32_t i = 0; i < size; i++) ((uint8_t *)row)[i] = sample(x + i, y, 1);
    return rows->calls++ == rows->stop_at ? !ENL_CONTINUE : ENL_CONTINUE;
}

static int32_t take(void *user_data, uint32_t y, const void *row, size_t size) {
    memcpy(((struct rows *)user_data)->result + y * SIDE, row, size);
    return ENL_CONTINUE;
}

static enl_view gray(uint8_t *pixels) {
    return (enl_view){pixels, AREA, SIDE, SIDE, SIDE, GRAY, 0};
}

/* Streams the picture with these options. Tells whether a note says that nobody looked for damage. */
static int streamed(enl_upscaler *upscaler, const enl_options *options, uint8_t *result) {
    char notes[4096];
    struct rows rows = {.stop_at = -1, .result = result};
    enl_source source = {give, &rows, SIDE, SIDE, GRAY, 0};
    enl_sink sink = {take, &rows, SIDE, SIDE, GRAY, 0};
    expect(ENL_OK, enl_upscaler_stream(upscaler, options, &source, NULL, NULL, NULL, NULL, &sink));
    expect(ENL_OK, enl_upscaler_text(upscaler, "notes", notes, sizeof notes, NULL));
    return strstr(notes, "was not examined") != NULL;
}

static enl_damage *found(const enl_upscaler *upscaler, const enl_options *options, int reads) {
    struct rows rows = {.stop_at = -1};
    enl_source source = {give, &rows, SIDE, SIDE, GRAY, 0};
    enl_damage *damage = NULL;
    expect(ENL_OK, enl_damage_find(upscaler, options, &source, NULL, &damage));
    check(rows.calls == reads && !damage == !reads);
    return damage;
}

/* The largest difference from the picture without a scratch. */
static int worst(const uint8_t *pixels) {
    int worst = 0;
    for (uint32_t i = 0; i < AREA; i++) {
        int apart = pixels[i] - sample(i % SIDE, i / SIDE, 0);
        worst = apart > worst ? apart : -apart > worst ? -apart : worst;
    }
    return worst;
}

static void scratches(enl_upscaler *upscaler, enl_options *options) {
    uint8_t *whole = room(AREA), *rows = room(AREA), *mask = room(AREA), pixels[AREA];
    for (uint32_t i = 0; i < AREA; i++) pixels[i] = sample(i % SIDE, i / SIDE, 1);
    enl_view source = gray(pixels), target = gray(whole), places = gray(mask), other = places;

    check_row("nothing to repair");
    check(found(upscaler, options, 0) == NULL);
    check(!streamed(upscaler, options, rows) && worst(rows) > 100);

    check_row("a scratch");
    expect(ENL_OK, enl_options_set_integer(options, "scratches", 50));
    expect(ENL_OK, enl_upscaler_run(upscaler, options, &source, NULL, NULL, NULL, NULL, &target));
    check(worst(whole) <= 2);
    check(streamed(upscaler, options, rows) && worst(rows) > 100);
    enl_damage *damage = found(upscaler, options, SIDE);
    expect(ENL_OK, enl_options_set_damage(options, damage));
    check(!streamed(upscaler, options, rows) && memcmp(rows, whole, AREA) == 0);
    check(found(upscaler, options, 0) == NULL);

    check_row("its mask");
    expect(ENL_OK, enl_damage_mask(damage, &places));
    size_t white = 0, inside = 0;
    for (uint32_t i = 0; i < AREA; i++) {
        check(mask[i] == 0 || mask[i] == 255);
        white += mask[i] == 255;
        inside += mask[i] == 255 && i % SIDE >= SCRATCH && i % SIDE < SCRATCH + THICK;
    }
    check(inside > THICK * SIDE * 9 / 10 && white < 4 * inside);
    other.format = FORMAT;
    expect(ENL_ERROR_BUFFER, enl_damage_mask(damage, &other));
    other = places;
    other.height--;
    expect(ENL_ERROR_BUFFER, enl_damage_mask(damage, &other));
    other = (enl_view){mask, AREA, 2 * (SIDE / 2), SIDE / 2, SIDE / 2, ENL_CHANNELS_GRAY + ENL_SAMPLE_U16, 0};
    expect(ENL_ERROR_FORMAT, enl_damage_mask(damage, &other));
    other = places;
    other.data = NULL;
    expect(ENL_ERROR_NULL, enl_damage_mask(damage, &other));
    expect(ENL_ERROR_NULL, enl_damage_mask(damage, NULL));
    expect(ENL_OK, enl_damage_free(damage));
    expect(ENL_ERROR_BAD_HANDLE, enl_damage_mask(damage, &places));
    expect(ENL_ERROR_BAD_HANDLE, enl_options_set_damage(options, damage));
    expect(ENL_ERROR_BAD_HANDLE, enl_damage_free(damage));

    check_row("the options keep it");
    check(!streamed(upscaler, options, rows) && memcmp(rows, whole, AREA) == 0);
    check_row("another strength needs another search");
    expect(ENL_OK, enl_options_set_integer(options, "scratches", 49));
    check(streamed(upscaler, options, rows) && worst(rows) > 100);
    check_row("another size");
    expect(ENL_OK, enl_options_set_integer(options, "scratches", 50));
    enl_plan plan;
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_plan(upscaler, options, SIDE, SIDE - 1, NULL, &plan));
    check_row("none any more");
    expect(ENL_OK, enl_options_set_damage(options, NULL));
    check(streamed(upscaler, options, rows) && worst(rows) > 100);

    check_row("a mask of one's own");
    expect(ENL_OK, enl_options_set_scratch_mask(options, &places));
    check(!streamed(upscaler, options, rows) && memcmp(rows, whole, AREA) == 0);
    check(found(upscaler, options, 0) == NULL);
    expect(ENL_OK, enl_options_set_scratch_mask(options, NULL));
    check(streamed(upscaler, options, rows));
    expect(ENL_OK, enl_options_reset(options, "scratches"));
}

static void fading(enl_upscaler *upscaler, enl_options *options) {
    uint8_t *whole = room(AREA), *rows = room(AREA), pixels[AREA];
    for (uint32_t i = 0; i < AREA; i++) pixels[i] = sample(i % SIDE, i / SIDE, 1);
    enl_view source = gray(pixels), target = gray(whole);
    check_row("fading");
    expect(ENL_OK, enl_options_set_integer(options, "fading", 100));
    expect(ENL_OK, enl_upscaler_run(upscaler, options, &source, NULL, NULL, NULL, NULL, &target));
    check(whole[0] < 40);
    check(streamed(upscaler, options, rows) && rows[0] == pixels[0]);
    enl_damage *damage = found(upscaler, options, SIDE);
    expect(ENL_OK, enl_options_set_damage(options, damage));
    expect(ENL_OK, enl_damage_free(damage));
    check(!streamed(upscaler, options, rows) && memcmp(rows, whole, AREA) == 0);
    check_row("less of it needs no other search");
    expect(ENL_OK, enl_options_set_integer(options, "fading", 50));
    check(!streamed(upscaler, options, rows) && rows[0] > whole[0] && rows[0] < pixels[0]);
    expect(ENL_OK, enl_options_reset(options, "fading"));
    expect(ENL_OK, enl_options_set_damage(options, NULL));
}

static void stopped(const enl_upscaler *upscaler, enl_options *options, enl_cancel *cancel) {
    struct rows rows = {.stop_at = 9};
    enl_source source = {give, &rows, SIDE, SIDE, GRAY, 0};
    enl_damage *damage = (enl_damage *)&rows;
    check_row("stopped");
    expect(ENL_OK, enl_options_set_integer(options, "scratches", 50));
    expect(ENL_CANCELLED, enl_damage_find(upscaler, options, &source, NULL, &damage));
    check(damage == NULL && rows.calls == 10);
    rows.stop_at = -1;
    expect(ENL_OK, enl_cancel_request(cancel));
    expect(ENL_CANCELLED, enl_damage_find(upscaler, options, &source, cancel, &damage));
    expect(ENL_ERROR_NULL, enl_damage_find(NULL, options, &source, NULL, &damage));
    expect(ENL_ERROR_NULL, enl_damage_find(upscaler, options, NULL, NULL, &damage));
    expect(ENL_ERROR_NULL, enl_damage_find(upscaler, options, &source, NULL, NULL));
    expect(ENL_ERROR_NULL, enl_options_set_damage(NULL, NULL));
    expect(ENL_ERROR_NULL, enl_options_set_scratch_mask(NULL, NULL));
    expect(ENL_OK, enl_damage_free(NULL));
}

void suite_damage(void) {
    struct set set = set_up("plain");
    enl_options *options = NULL;
    enl_upscaler *upscaler = NULL;
    expect(ENL_OK, enl_options_new(set.registry, &options));
    expect(ENL_OK, enl_options_set(options, "method", "bicubic"));
    expect(ENL_OK, enl_options_set(options, "factor", "1"));
    expect(ENL_OK, enl_upscaler_new(set.registry, options, &upscaler));
    scratches(upscaler, options);
    fading(upscaler, options);
    stopped(upscaler, options, set.cancel);
    expect(ENL_OK, enl_upscaler_free(upscaler));
    expect(ENL_OK, enl_options_free(options));
    set_down(&set);
}
