/* One handle on several threads: each call returns BUSY or succeeds. Objects are freed while other threads use them. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

enum { THREADS = 4 };

static void together(void *(*run)(void *), void *shared) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, run, shared);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

struct hang {
    struct set set;
    enl_view source, target;
    atomic_int running;
    int32_t status;
};

static int32_t note(void *user_data, const enl_progress *progress) {
    (void)progress;
    atomic_store(&((struct hang *)user_data)->running, 1);
    return ENL_CONTINUE;
}

static void *hang(void *shared) {
    struct hang *h = shared;
    h->status = enl_upscaler_run(h->set.upscaler, NULL, &h->source, NULL, h->set.cancel, note, h, &h->target);
    return NULL;
}

static int32_t never_read(void *user_data, uint32_t x, uint32_t y, void *row, size_t size) {
    (void)user_data, (void)x, (void)y, (void)row, (void)size;
    check(!"a row was asked for");
    return ENL_CONTINUE;
}

/* A run on another thread, which continues until it is cancelled. */
static void busy(const char *engine) {
    struct hang h = {.set = set_up(engine), .source = set_source(), .target = set_target()};
    enl_view source = set_source(), target = set_target();
    enl_plan plan;
    size_t size;
    pthread_t thread;
    check_row(engine);
    pthread_create(&thread, NULL, hang, &h);
    while (!atomic_load(&h.running)) usleep(1000);
    expect(ENL_ERROR_BUSY, enl_upscaler_run(h.set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    expect(ENL_ERROR_BUSY, enl_upscaler_plan(h.set.upscaler, NULL, 1, 1, NULL, &plan));
    expect(ENL_ERROR_BUSY, enl_upscaler_text(h.set.upscaler, "model", NULL, 0, &size));
    expect(ENL_ERROR_BUSY, enl_upscaler_provenance(h.set.upscaler, NULL, 1, 1, NULL, "xmp", NULL, 0, &size));
    enl_source rows = {never_read, NULL, WIDTH, HEIGHT, FORMAT, 0};
    expect(ENL_ERROR_BUSY, enl_upscaler_measure(h.set.upscaler, NULL, &rows, NULL, &(int32_t){0}));
    expect(ENL_ERROR_BUSY, enl_upscaler_measure_content(h.set.upscaler, NULL, &rows, NULL, &(int32_t){0}));
    /* An object in use can be freed, but only once. */
    expect(ENL_OK, enl_upscaler_free(h.set.upscaler));
    expect(ENL_ERROR_BAD_HANDLE, enl_upscaler_free(h.set.upscaler));
    expect(ENL_OK, enl_options_free(h.set.options));
    expect(ENL_OK, enl_registry_free(h.set.registry));
    expect(ENL_OK, enl_cancel_request(h.set.cancel));
    pthread_join(thread, NULL);
    check(h.status == ENL_CANCELLED);
    expect(ENL_OK, enl_cancel_free(h.set.cancel));
}

struct crowd {
    struct set set;
    pthread_mutex_t rooms;
    atomic_int ok, busy, wrong;
};

static void count(struct crowd *c, int32_t status) {
    atomic_fetch_add(status == ENL_OK ? &c->ok : status == ENL_ERROR_BUSY ? &c->busy : &c->wrong, 1);
}

static void *set_and_look(void *shared) {
    struct crowd *c = shared;
    char text[256];
    size_t size;
    for (int i = 0; i < 2000 / suite_share + 1; i++) {
        count(c, enl_options_set_integer(c->set.options, "tile", i % 100));
        count(c, enl_options_set_bytes(c->set.options, "icc_profile", text, 0));
        count(c, enl_options_describe(c->set.options, "tile", "value", text, sizeof text, &size));
        count(c, enl_options_reset(c->set.options, "tile"));
        /* The other threads only read, so they do not block each other. */
        if (enl_registry_device_count(c->set.registry, &size) != ENL_OK) atomic_fetch_add(&c->wrong, 1);
    }
    return NULL;
}

static void *run(void *shared) {
    struct crowd *c = shared;
    pthread_mutex_lock(&c->rooms);
    enl_view source = set_source(), target = set_target();
    pthread_mutex_unlock(&c->rooms);
    for (int i = 0; i < 50 / suite_share + 1; i++) {
        memset(target.data, 0, target.size);
        int32_t status = enl_upscaler_run(c->set.upscaler, NULL, &source, NULL, c->set.cancel, NULL, NULL, &target);
        count(c, status);
        if (status == ENL_OK && !set_right(&target)) atomic_fetch_add(&c->wrong, 1);
    }
    return NULL;
}

static void crowded(const char *name, void *(*what)(void *)) {
    struct crowd c = {.set = set_up("plain"), .rooms = PTHREAD_MUTEX_INITIALIZER};
    check_row(name);
    together(what, &c);
    check(atomic_load(&c.wrong) == 0 && atomic_load(&c.ok) > 0);
    set_down(&c.set);
}

enum { PLACES = 8 };

struct places {
    struct set set;
    _Atomic(enl_options *) options[PLACES];
    atomic_int wrong;
};

/* All threads create, use and free the same few objects without synchronisation. */
static void *make_use_free(void *shared) {
    struct places *p = shared;
    size_t size;
    unsigned state = (unsigned)(size_t)&size;
    for (int i = 0; i < 5000 / suite_share + 1; i++) {
        _Atomic(enl_options *) *place = &p->options[(state = state * 1664525 + 1013904223) >> 24 & (PLACES - 1)];
        enl_options *options = atomic_load(place), *made = NULL;
        int32_t status = ENL_OK;
        switch (state >> 20 & 3) {
        case 0:
            if (enl_options_new(p->set.registry, &made) != ENL_OK) atomic_fetch_add(&p->wrong, 1);
            /* The thread that takes an object out frees it. */
            options = atomic_exchange(place, made);
            if (options && enl_options_free(options) != ENL_OK) atomic_fetch_add(&p->wrong, 1);
            break;
        case 1: status = enl_options_set(options, "tile", "7"); break;
        case 2: status = enl_options_count(options, &size); break;
        default: status = enl_options_describe(options, "tile", "value", NULL, 0, &size);
        }
        int right = status == ENL_OK || status == ENL_ERROR_BUSY || status == ENL_ERROR_BAD_HANDLE || status == ENL_ERROR_NULL;
        if (!right) atomic_fetch_add(&p->wrong, 1);
    }
    return NULL;
}

static void freed_while_used(void) {
    struct places p = {.set = set_up("plain")};
    check_row("freed while used");
    together(make_use_free, &p);
    check(atomic_load(&p.wrong) == 0);
    for (int i = 0; i < PLACES; i++) expect(ENL_OK, enl_options_free(atomic_load(&p.options[i])));
    set_down(&p.set);
}

/* All threads free the same object at once; one of them succeeds. */
struct double_free {
    enl_cancel *cancel;
    atomic_int missing; /* Threads that have not started yet. macOS has no pthread_barrier_t. */
    atomic_int freed, refused;
};

static void *free_it(void *shared) {
    struct double_free *d = shared;
    atomic_fetch_sub(&d->missing, 1);
    while (atomic_load(&d->missing) > 0) sched_yield();
    int32_t status = enl_cancel_free(d->cancel);
    atomic_fetch_add(status == ENL_OK ? &d->freed : &d->refused, status == ENL_OK || status == ENL_ERROR_BAD_HANDLE);
    return NULL;
}

static void freed_by_all(void) {
    check_row("freed by all at once");
    for (int i = 0; i < 50 / suite_share + 1; i++) {
        struct double_free d = {.missing = THREADS};
        expect(ENL_OK, enl_cancel_new(&d.cancel));
        together(free_it, &d);
        check(atomic_load(&d.freed) == 1 && atomic_load(&d.refused) == THREADS - 1);
    }
}

/* Each thread has its own error message. */
static void *fail(void *unused) {
    size_t length = enl_last_error(NULL, 0);
    check(length == 0);
    check(enl_cancel_free((enl_cancel *)(uintptr_t)3) == ENL_ERROR_BAD_HANDLE && enl_last_error(NULL, 0) > 0);
    return unused;
}

void suite_thread(void) {
    busy("hang");
    busy("stubborn");
    crowded("one options handle", set_and_look);
    crowded("one upscaler", run);
    freed_while_used();
    freed_by_all();
    check_row("sentences");
    together(fail, NULL);
}
