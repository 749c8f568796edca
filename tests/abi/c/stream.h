/* A row stream whose callbacks can misbehave.
 *
 * The callbacks check what the header promises: rows in order, each once, of the same size, on the caller's thread, and
 * no call after the run. A row must not be used after its callback.
 */
#ifndef STREAM_H
#define STREAM_H

#include <pthread.h>

#include "set.h"

enum caller { READ, WRITE, PROGRESS, CALLERS };

struct stream {
    struct set *set;
    /* Callback `who` runs `what` at its call number `when`, and then returns `returned` if `answers` is not 0. */
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

/* Runs the stream and returns the status unchecked. */
int32_t stream_run(struct stream *stream, enl_upscaler *upscaler, const enl_options *options, const enl_cancel *cancel);

/* Whether all rows were delivered, with the right pixels. */
int stream_right(struct stream *stream);

extern const char *const stream_callers[CALLERS];

#endif
