/* Eight threads, eight upscalers, one registry, 200 runs: the results equal those of a single thread. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "set.h"
#include "suite.h"

enum { RUNNERS = 8, RUNS = 25, SIDE = 48, BYTES = 3 * SIDE * SIDE };

static struct set set;
static uint8_t pixels[BYTES + RUNNERS], reference[RUNNERS][4 * BYTES];
static atomic_int wrong, done;

/* Each runner has its own engine, tile and colours. */
static enl_upscaler *open_upscaler(int number) {
    enl_upscaler *upscaler = NULL;
    enl_options *options = NULL;
    int32_t status = enl_options_new(set.registry, &options);
    status |= enl_options_set(options, "model", "nearest");
    status |= enl_options_set(options, "engine", number % 2 ? "rten" : "plain");
    status |= enl_options_set_integer(options, "threads", 2);
    status |= enl_options_set_integer(options, "tile", 16 + number);
    status |= enl_options_set(options, "colour_lock", number % 4 < 2 ? "on" : "off");
    status |= enl_upscaler_new(set.registry, options, &upscaler);
    status |= enl_options_free(options);
    if (status != ENL_OK) atomic_fetch_add(&wrong, 1);
    return upscaler;
}

static int32_t note(void *user_data, const enl_progress *progress) {
    *(uint64_t *)user_data = progress->tiles_done;
    return ENL_CONTINUE;
}

static void run_once(int number, enl_upscaler *upscaler, uint8_t *result) {
    enl_view source = {pixels + number, BYTES, 3 * SIDE, SIDE, SIDE, FORMAT, 0};
    enl_view target = {result, 4 * BYTES, 6 * SIDE, 2 * SIDE, 2 * SIDE, FORMAT, 0};
    uint64_t tiles = 0;
    enl_cancel *cancel = NULL;
    int32_t status = enl_cancel_new(&cancel);
    status |= enl_upscaler_run(upscaler, NULL, &source, NULL, number % 2 ? cancel : set.cancel, note, &tiles, &target);
    status |= enl_cancel_free(cancel);
    if (status != ENL_OK || tiles == 0) atomic_fetch_add(&wrong, 1);
}

static void *runner(void *argument) {
    int number = (int)(size_t)argument;
    uint8_t *result = malloc(4 * BYTES);
    enl_upscaler *upscaler = open_upscaler(number);
    for (int i = 0; i < RUNS; i++) {
        memset(result, 0, 4 * BYTES);
        run_once(number, upscaler, result);
        if (memcmp(result, reference[number], 4 * BYTES) != 0) atomic_fetch_add(&wrong, 1);
        atomic_fetch_add(&done, 1);
    }
    if (enl_upscaler_free(upscaler) != ENL_OK) atomic_fetch_add(&wrong, 1);
    free(result);
    return NULL;
}

void suite_race(void) {
    set = set_up("plain");
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 37 % 251 / 2 + i / 97);
    for (int i = 0; i < RUNNERS; i++) {
        enl_upscaler *upscaler = open_upscaler(i);
        run_once(i, upscaler, reference[i]);
        expect(ENL_OK, enl_upscaler_free(upscaler));
    }
    for (int i = 1; i < RUNNERS; i++) check(memcmp(reference[0], reference[i], 4 * BYTES) != 0);
    check_row("eight threads");
    pthread_t threads[RUNNERS];
    for (size_t i = 0; i < RUNNERS; i++) pthread_create(&threads[i], NULL, runner, (void *)i);
    for (int i = 0; i < RUNNERS; i++) pthread_join(threads[i], NULL);
    check(atomic_load(&wrong) == 0 && atomic_load(&done) == RUNNERS * RUNS);
    set_down(&set);
}
