/* The objects for a test case, and pixels for them.
 *
 * The model `nearest` doubles the picture, so the exact result of a successful run is known.
 */
#ifndef SET_H
#define SET_H

#include "enlarger.h"

/* The folder with the model. */
extern const char *set_models;

struct set {
    enl_registry *registry;
    enl_options *options;
    enl_upscaler *upscaler;
    enl_cancel *cancel;
};

/* Creates all objects, with this engine. */
struct set set_up(const char *engine);

/* Frees what is not NULL. */
void set_down(struct set *set);

/* An upscaler like the set's on another engine. */
enl_upscaler *set_upscaler(const struct set *set, const char *engine);

/* The source for all cases, with few and different pixels, and memory for its doubled result. */
enum { WIDTH = 7, HEIGHT = 5, FORMAT = ENL_CHANNELS_RGB + ENL_SAMPLE_U8, ROW = 3 * WIDTH };
enl_view set_source(void);
enl_view set_target(void);

/* Whether the target holds the doubled source. */
int set_right(const enl_view *target);

/* The pixel of the source at `x`, `y`. */
uint8_t set_sample(size_t x, size_t y, size_t channel);

#endif
