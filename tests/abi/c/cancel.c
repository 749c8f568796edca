/* Cancellation before, during and after runs, and with a token that several runs share. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "stream.h"
#include "suite.h"

static void before(struct set set) {
    enl_view source = set_source(), target = set_target();
    check_row("before");
    expect(ENL_OK, enl_cancel_request(set.cancel));
    expect(ENL_CANCELLED, enl_upscaler_run(set.upscaler, NULL, &source, NULL, set.cancel, NULL, NULL, &target));
    check(room_untouched(target.data, target.size));
    struct stream s = {.set = &set, .who = READ, .when = -1};
    expect(ENL_CANCELLED, stream_run(&s, set.upscaler, NULL, set.cancel));
    check(s.calls[READ] == 0 && s.next_write == 0);
    /* Without a token, or with another one, the upscaler runs. */
    expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    check(set_right(&target));
}

static void after(struct set set) {
    enl_view source = set_source(), target = set_target();
    int32_t raised = -1;
    check_row("after");
    expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, &source, NULL, set.cancel, NULL, NULL, &target));
    expect(ENL_OK, enl_cancel_is_requested(set.cancel, &raised));
    check(raised == 0);
    expect(ENL_OK, enl_cancel_request(set.cancel));
    expect(ENL_OK, enl_cancel_is_requested(set.cancel, &raised));
    check(raised == 1 && set_right(&target));
}

struct run {
    enl_upscaler *upscaler;
    enl_cancel *cancel;
    enl_view source, target;
    atomic_int started;
    int32_t status;
    struct timespec end;
};

static int32_t note(void *user_data, const enl_progress *progress) {
    (void)progress;
    atomic_store((atomic_int *)user_data, 1);
    return ENL_CONTINUE;
}

static void *run(void *argument) {
    struct run *r = argument;
    r->status = enl_upscaler_run(r->upscaler, NULL, &r->source, NULL, r->cancel, note, &r->started, &r->target);
    clock_gettime(CLOCK_MONOTONIC, &r->end);
    return NULL;
}

/* Two runs that hang and share a token. One of the engines cannot be interrupted. Returns the seconds until both have returned. */
static double during(struct set set) {
    struct run runs[2] = {{.upscaler = set_upscaler(&set, "hang")}, {.upscaler = set_upscaler(&set, "stubborn")}};
    pthread_t threads[2];
    struct timespec start;
    double longest = 0;
    check_row("during");
    for (int i = 0; i < 2; i++) {
        runs[i].cancel = set.cancel, runs[i].source = set_source(), runs[i].target = set_target();
        pthread_create(&threads[i], NULL, run, &runs[i]);
        while (!atomic_load(&runs[i].started)) usleep(1000);
    }
    usleep(30000);
    clock_gettime(CLOCK_MONOTONIC, &start);
    expect(ENL_OK, enl_cancel_request(set.cancel));
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        double waited = (double)(runs[i].end.tv_sec - start.tv_sec) + 1e-9 * (double)(runs[i].end.tv_nsec - start.tv_nsec);
        if (waited > longest) longest = waited;
        check(runs[i].status == ENL_CANCELLED);
        expect(ENL_OK, enl_upscaler_free(runs[i].upscaler));
    }
    return longest;
}

/* A token that is freed during a run: the run continues, and other tokens do not affect it. */
static void freed(struct set set) {
    struct run r = {.upscaler = set.upscaler, .cancel = set.cancel, .source = set_source(), .target = set_target()};
    enl_cancel *other = NULL;
    expect(ENL_OK, enl_cancel_new(&other));
    expect(ENL_OK, enl_cancel_free(set.cancel));
    expect(ENL_OK, enl_cancel_request(other));
    check_row("freed");
    run(&r);
    check(r.status == ENL_ERROR_BAD_HANDLE);
    r.cancel = NULL;
    run(&r);
    check(r.status == ENL_OK && set_right(&r.target));
    expect(ENL_OK, enl_cancel_free(other));
}

void suite_cancel(void) {
    void (*const cases[])(struct set) = {before, after};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct set set = set_up("plain");
        cases[i](set);
        set_down(&set);
    }
    /* Under a tool that slows everything down, the limit would measure the tool. Other programs may take the processor for a while,
     * so one of five tries must be within it. */
    double limit = suite_share == 1 ? 0.5 : 10, waited = limit;
    for (int i = 0; i < 5 && waited >= limit; i++) {
        struct set set = set_up("plain");
        waited = during(set);
        set_down(&set);
    }
    check(waited < limit);
    struct set set = set_up("plain");
    freed(set);
    set.cancel = NULL;
    set_down(&set);
}
