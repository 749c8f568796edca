/* Callbacks that return invalid values, call the library, and free objects in use. */
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "stream.h"
#include "suite.h"

/* Anything but ENL_CONTINUE stops the run, and the upscaler can be used again. */
static void rubbish(void) {
    static const int32_t answers[] = {0, 2, -1, INT_MIN, INT_MAX, -80, 256, 0x01000000};
    struct set set = set_up("plain");
    for (enum caller who = 0; who < CALLERS; who++) {
        for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
            check_row(stream_callers[who]);
            for (int when = 0; when < 2; when++) {
                struct stream s = {.set = &set, .who = who, .when = when, .answers = 1, .returned = answers[i]};
                expect(ENL_CANCELLED, stream_run(&s, set.upscaler, NULL, set.cancel));
                /* A callback that stopped the run is not called again, and the caller's token is not cancelled. */
                int32_t raised = -1;
                check(s.calls[who] == when + 1);
                expect(ENL_OK, enl_cancel_is_requested(set.cancel, &raised));
                check(raised == 0);
            }
        }
        struct stream s = {.set = &set};
        expect(ENL_OK, stream_run(&s, set.upscaler, NULL, set.cancel));
        check(stream_right(&s));
    }
    /* The last report: every row has been written, but the returned value still counts. */
    check_row("the last report");
    struct stream s = {.set = &set, .who = PROGRESS, .when = -1};
    expect(ENL_OK, stream_run(&s, set.upscaler, NULL, NULL));
    int reports = s.calls[PROGRESS];
    s = (struct stream){.set = &set, .who = PROGRESS, .when = reports - 1, .answers = 1, .returned = 0};
    expect(ENL_CANCELLED, stream_run(&s, set.upscaler, NULL, NULL));
    check(stream_right(&s));
    set_down(&set);
}

static int again;

/* Calls every function inside a run: the upscaler is busy, everything else works. */
static void call_again(struct stream *s) {
    struct set *set = s->set;
    enl_view source = set_source(), target = set_target();
    enl_plan plan;
    size_t size;
    int32_t raised;
    struct stream inner = {.set = set};
    again++;
    expect(ENL_ERROR_BUSY, enl_upscaler_run(set->upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    expect(ENL_ERROR_BUSY, stream_run(&inner, set->upscaler, NULL, NULL));
    expect(ENL_ERROR_BUSY, enl_upscaler_plan(set->upscaler, NULL, 1, 1, NULL, &plan));
    expect(ENL_ERROR_BUSY, enl_upscaler_text(set->upscaler, "model", NULL, 0, &size));
    check(room_untouched(target.data, target.size));
    expect(ENL_OK, enl_options_set(set->options, "factor", "3"));
    expect(ENL_OK, enl_options_describe(set->options, "device", "choices", NULL, 0, &size));
    expect(ENL_OK, enl_registry_device_count(set->registry, &size));
    expect(ENL_OK, enl_cancel_is_requested(set->cancel, &raised));
    expect(ENL_OK, enl_log_set(ENL_LOG_INFO, NULL, NULL));

    /* A whole run of another upscaler, inside this one. */
    struct set other = set_up("plain");
    inner.set = &other;
    expect(ENL_OK, stream_run(&inner, other.upscaler, NULL, other.cancel));
    check(stream_right(&inner));
    set_down(&other);
}

static void re_entry(void) {
    for (enum caller who = 0; who < CALLERS; who++) {
        struct set set = set_up("plain");
        check_row(stream_callers[who]);
        again = 0;
        struct stream s = {.set = &set, .who = who, .when = 1, .what = call_again};
        expect_noisy(ENL_OK, stream_run(&s, set.upscaler, set.options, set.cancel));
        check(again == 1 && stream_right(&s));
        set_down(&set);
    }
}

/* Frees everything that the run uses. The run continues to its end, and the handles become invalid. */
static void free_all(struct stream *s) {
    struct set gone = *s->set;
    size_t size;
    set_down(s->set);
    again++;
    expect(ENL_ERROR_BAD_HANDLE, enl_upscaler_text(gone.upscaler, "model", NULL, 0, &size));
    expect(ENL_ERROR_BAD_HANDLE, enl_upscaler_free(gone.upscaler));
    expect(ENL_ERROR_BAD_HANDLE, enl_cancel_request(gone.cancel));
    expect(ENL_ERROR_BAD_HANDLE, enl_options_count(gone.options, &size));
    /* New objects reuse the slots of the old ones. */
    *s->set = set_up("plain");
}

static void freeing(void) {
    for (enum caller who = 0; who < CALLERS; who++) {
        struct set set = set_up("plain");
        check_row(stream_callers[who]);
        again = 0;
        struct stream s = {.set = &set, .who = who, .when = 1, .what = free_all};
        expect_noisy(ENL_OK, stream_run(&s, set.upscaler, set.options, set.cancel));
        check(again == 1 && stream_right(&s));
        set_down(&set);
    }
}

static void raise_cancel(struct stream *s) {
    expect(ENL_OK, enl_cancel_request(s->set->cancel));
    expect(ENL_OK, enl_cancel_request(s->set->cancel));
}

static void cancelling(void) {
    for (enum caller who = 0; who < CALLERS; who++) {
        struct set set = set_up("plain");
        check_row(stream_callers[who]);
        struct stream s = {.set = &set, .who = who, .when = 1, .what = raise_cancel};
        expect(ENL_CANCELLED, stream_run(&s, set.upscaler, set.options, set.cancel));
        check(s.calls[who] == 2);
        set_down(&set);
    }
}

static int messages, log_inside;

static void log_again(void *user_data, int32_t level, const char *message) {
    struct set *set = user_data;
    size_t count;
    enl_view source = set_source(), target = set_target();
    messages++;
    check(!log_inside);
    log_inside = 1;
    check((level == ENL_LOG_WARNING || level == ENL_LOG_INFO) && strlen(message) > 0);
    expect(ENL_ERROR_BUSY, enl_log_set(ENL_LOG_INFO, log_again, user_data));
    expect(ENL_ERROR_BUSY, enl_log_set(ENL_LOG_INFO, NULL, NULL));
    expect(ENL_OK, enl_registry_model_count(set->registry, &count));
    /* This call would log a message too, but must not do so inside the log callback. */
    struct set inner = set_up("plain");
    expect(ENL_OK, enl_upscaler_run(inner.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    set_down(&inner);
    log_inside = 0;
}

static void logging(void) {
    struct set set = set_up("plain");
    check_row("log");
    static const int32_t levels[] = {0, 3, -1, INT_MIN, INT_MAX};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (levels[i]) expect(ENL_ERROR_ARGUMENT, enl_log_set(levels[i], log_again, &set));
        expect(ENL_OK, enl_log_set(levels[i], NULL, NULL));
    }
    messages = 0;
    expect(ENL_OK, enl_log_set(ENL_LOG_INFO, log_again, &set));
    enl_upscaler *upscaler = NULL;
    expect_noisy(ENL_OK, enl_upscaler_new(set.registry, set.options, &upscaler));
    expect(ENL_OK, enl_upscaler_free(upscaler));
    check(messages == 1);
    /* A run that falls back logs it. */
    upscaler = set_upscaler(&set, "streams");
    expect(ENL_OK, enl_log_set(ENL_LOG_INFO, NULL, NULL));
    check(messages == 2);
    expect(ENL_OK, enl_upscaler_free(upscaler));
    set_down(&set);
}

void suite_callback(void) {
    rubbish();
    re_entry();
    freeing();
    cancelling();
    logging();
}
