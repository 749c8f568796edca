/* Objects and pixels for a test case. */
#include "set.h"

#include "check.h"
#include "room.h"

const char *set_models;

struct set set_up(const char *engine) {
    struct set set = {0};
    expect(ENL_OK, enl_registry_new(&set_models, 1, &set.registry));
    expect(ENL_OK, enl_options_new(set.registry, &set.options));
    expect(ENL_OK, enl_options_set(set.options, "model", "nearest"));
    expect(ENL_OK, enl_options_set(set.options, "engine", engine));
    expect(ENL_OK, enl_options_set(set.options, "colour_lock", "off"));
    expect(ENL_OK, enl_upscaler_new(set.registry, set.options, &set.upscaler));
    expect(ENL_OK, enl_cancel_new(&set.cancel));
    return set;
}

void set_down(struct set *set) {
    expect(ENL_OK, enl_cancel_free(set->cancel));
    expect(ENL_OK, enl_upscaler_free(set->upscaler));
    expect(ENL_OK, enl_options_free(set->options));
    expect(ENL_OK, enl_registry_free(set->registry));
    *set = (struct set){0};
}

enl_upscaler *set_upscaler(const struct set *set, const char *engine) {
    enl_options *options = NULL;
    enl_upscaler *upscaler = NULL;
    expect(ENL_OK, enl_options_new(set->registry, &options));
    expect(ENL_OK, enl_options_set(options, "model", "nearest"));
    expect(ENL_OK, enl_options_set(options, "engine", engine));
    expect(ENL_OK, enl_options_set(options, "colour_lock", "off"));
    expect(ENL_OK, enl_upscaler_new(set->registry, options, &upscaler));
    expect(ENL_OK, enl_options_free(options));
    return upscaler;
}

uint8_t set_sample(size_t x, size_t y, size_t channel) {
    return (uint8_t)(3 + 31 * x + 11 * y + 67 * channel);
}

enl_view set_source(void) {
    uint8_t *data = room(ROW * HEIGHT);
    for (size_t i = 0; i < ROW * HEIGHT; i++) data[i] = set_sample(i % ROW / 3, i / ROW, i % 3);
    return (enl_view){data, ROW * HEIGHT, ROW, WIDTH, HEIGHT, FORMAT, 0};
}

enl_view set_target(void) {
    return (enl_view){room(4 * ROW * HEIGHT), 4 * ROW * HEIGHT, 2 * ROW, 2 * WIDTH, 2 * HEIGHT, FORMAT, 0};
}

int set_right(const enl_view *target) {
    const uint8_t *data = target->data;
    for (size_t y = 0; y < 2 * HEIGHT; y++) {
        for (size_t i = 0; i < 2 * ROW; i++) {
            if (data[y * target->stride + i] != set_sample(i / 6, y / 2, i % 3)) return 0;
        }
    }
    return 1;
}
