/* A row stream whose callbacks can be told to misbehave.
 *
 * It checks on the way what the header promises: rows in order, each once, of the same size, on the caller's thread,
 * and nothing after the run. Rows must never be looked at after their callback.
 */
#ifndef STREAM_H
#define STREAM_H

#include <pthread.h>

#include "set.h"

enum caller { READ, WRITE, PROGRESS, CALLERS };

struct stream {
    struct set *set;
    /* Who does something, at which of its calls, and what; with 0 for `answer` it then returns `returned`. */
    enum caller who;
    int when;
    void (*what)(struct stream *);
    int answers;
    int32_t returned;

    int calls[CALLERS];
    int over;
    uint32_t next_read, next_write;
    pthread_t thread;
    uint8_t result[4 * ROW * HEIGHT];
};

/* Runs it; the status is not checked. */
int32_t stream_run(struct stream *stream, enl_upscaler *upscaler, const enl_options *options, const enl_cancel *cancel);

/* Whether all rows came out, and right. */
int stream_right(struct stream *stream);

extern const char *const stream_callers[CALLERS];

#endif
