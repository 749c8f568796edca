/* Defects on purpose, so that the scripts can see that whatever watches the program does see. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

/* One byte beyond a block, by C. */
void plant_overrun(void) {
    /* As many as the compiler does not know, or it would see the defect too. */
    volatile size_t size = 13;
    char *block = malloc(size);
    block[size] = 1;
    check(block[size] == 1);
    free(block);
}

/* One byte beyond a block, by the library: it is given less than a plan's memory. */
void plant_library_overrun(void) {
    struct set set = set_up("plain");
    char *block = malloc(sizeof(enl_plan) - 1);
    enl_upscaler_plan(set.upscaler, NULL, WIDTH, HEIGHT, NULL, (enl_plan *)(void *)block);
    free(block);
    set_down(&set);
}

/* The same in guarded memory, which ends the program in every build. */
void plant_guard(void) {
    struct set set = set_up("plain");
    enl_upscaler_plan(set.upscaler, NULL, WIDTH, HEIGHT, NULL, (enl_plan *)(void *)((char *)room(sizeof(enl_plan)) + 1));
    set_down(&set);
}

/* What C does not define. */
void plant_undefined(void) {
    volatile int most = 0x7FFFFFFF;
    most = most + suite_share;
}

/* Memory that nobody frees or knows. */
void plant_leak(void) {
    volatile char *block = malloc(17);
    block[0] = 1;
    block = NULL;
}

static int shared;

static void *count(void *unused) {
    for (int i = 0; i < 1000; i++) shared++;
    return unused;
}

/* Two threads that write to one place: C's. */
void plant_race(void) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, count, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    check(shared > 0);
}

static void *run(void *upscaler) {
    enl_view source, target;
    static pthread_mutex_t rooms = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&rooms);
    source = set_source(), target = set_target();
    pthread_mutex_unlock(&rooms);
    for (int i = 0; i < 10; i++) enl_upscaler_run(upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target);
    return NULL;
}

/* The same in Rust: two runs on an engine whose sessions count without asking each other. */
void plant_library_race(void) {
    struct set set = set_up("racy");
    enl_upscaler *upscalers[2] = {set.upscaler, set_upscaler(&set, "racy")};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, run, upscalers[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    enl_upscaler_free(upscalers[1]);
    set_down(&set);
}
