/* Callbacks that check their arguments and misbehave as a test case asks them to. */
#include "stream.h"

#include <string.h>

#include "check.h"

const char *const stream_callers[CALLERS] = {"read", "write", "progress"};

/* The common part of all callbacks: count, check, and misbehave at the chosen call. */
static int32_t called(struct stream *s, enum caller who) {
    check(!s->over);
    check(pthread_equal(s->thread, pthread_self()));
    if (s->who != who || s->calls[who]++ != s->when) return ENL_CONTINUE;
    if (s->what) s->what(s);
    return s->answers ? s->returned : ENL_CONTINUE;
}

static int32_t read_row(void *user_data, uint32_t x, uint32_t y, void *row, size_t size) {
    struct stream *s = user_data;
    uint8_t *bytes = row;
    check(x == 0 && size == ROW && y >= s->next_read && y < HEIGHT);
    s->next_read = y + 1;
    for (size_t i = 0; i < size; i++) bytes[i] = set_sample(i / 3, y, i % 3);
    return called(s, READ);
}

static int32_t write_row(void *user_data, uint32_t y, const void *row, size_t size) {
    struct stream *s = user_data;
    check(y == s->next_write++ && size == 2 * ROW && y < 2 * HEIGHT);
    memcpy(s->result + y * 2 * ROW, row, size);
    return called(s, WRITE);
}

static int32_t progress(void *user_data, const enl_progress *p) {
    struct stream *s = user_data;
    check(p->tiles_done <= p->tiles_total && p->rows_done <= p->rows_total && p->rows_total == 2 * HEIGHT);
    check(p->phase >= ENL_PHASE_PREPARE && p->phase <= ENL_PHASE_FINISH && p->reserved == 0);
    return called(s, PROGRESS);
}

int32_t stream_run(struct stream *s, enl_upscaler *upscaler, const enl_options *options, const enl_cancel *cancel) {
    enl_source source = {read_row, s, WIDTH, HEIGHT, FORMAT, 0};
    enl_sink sink = {write_row, s, 2 * WIDTH, 2 * HEIGHT, FORMAT, 0};
    memset(s->calls, 0, sizeof s->calls);
    s->over = 0;
    s->next_read = s->next_write = 0;
    s->thread = pthread_self();
    int32_t status = enl_upscaler_stream(upscaler, options, &source, NULL, cancel, progress, s, &sink);
    s->over = 1;
    return status;
}

int stream_right(struct stream *s) {
    enl_view result = {s->result, sizeof s->result, 2 * ROW, 2 * WIDTH, 2 * HEIGHT, FORMAT, 0};
    return s->next_write == 2 * HEIGHT && set_right(&result);
}
