/* The objects that a case needs, and pixels for them.
 *
 * The model is `nearest`, which doubles; what comes out of a run that goes well is known to the bit.
 */
#ifndef SET_H
#define SET_H

#include "enlarger.h"

/* The folder in which the model is. */
extern const char *set_models;

struct set {
    enl_registry *registry;
    enl_options *options;
    enl_upscaler *upscaler;
    enl_cancel *cancel;
};

/* Everything, on this engine. */
struct set set_up(const char *engine);

/* Frees what is not NULL. */
void set_down(struct set *set);

/* An upscaler like the set's on another engine. */
enl_upscaler *set_upscaler(const struct set *set, const char *engine);

/* The source of all cases: few pixels, no two alike; and the result of doubling it. */
enum { WIDTH = 7, HEIGHT = 5, FORMAT = ENL_CHANNELS_RGB + ENL_SAMPLE_U8, ROW = 3 * WIDTH };
enl_view set_source(void);
enl_view set_target(void);

/* Whether the target holds the doubled source. */
int set_right(const enl_view *target);

/* The pixel of the source at `x`, `y`. */
uint8_t set_sample(size_t x, size_t y, size_t channel);

#endif
