/* Intentional defects, with which the scripts check that sanitizers and guard pages detect defects. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

/* C writes one byte beyond a block. */
void plant_overrun(void) {
    /* The size is unknown to the compiler, which would detect the defect otherwise. */
    volatile size_t size = 13;
    char *block = malloc(size);
    block[size] = 1;
    check(block[size] == 1);
    free(block);
}

/* The library writes beyond a block that is smaller than a plan. */
void plant_library_overrun(void) {
    struct set set = set_up("plain");
    char *block = malloc(sizeof(enl_plan) - 1);
    enl_upscaler_plan(set.upscaler, NULL, WIDTH, HEIGHT, NULL, (enl_plan *)(void *)block);
    free(block);
    set_down(&set);
}

/* The same in guarded memory, which crashes the program in every build. */
void plant_guard(void) {
    struct set set = set_up("plain");
    enl_upscaler_plan(set.upscaler, NULL, WIDTH, HEIGHT, NULL, (enl_plan *)(void *)((char *)room(sizeof(enl_plan)) + 1));
    set_down(&set);
}

/* Undefined behaviour. */
void plant_undefined(void) {
    volatile int most = 0x7FFFFFFF;
    most = most + suite_share;
}

/* Leaked memory. */
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

/* A data race between two threads in C. */
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

/* The same in Rust: two runs on an engine whose sessions count in one variable without synchronisation. */
void plant_library_race(void) {
    struct set set = set_up("racy");
    enl_upscaler *upscalers[2] = {set.upscaler, set_upscaler(&set, "racy")};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, run, upscalers[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    enl_upscaler_free(upscalers[1]);
    set_down(&set);
}
