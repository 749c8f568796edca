/* Invalid views, rectangles, sources and sinks, and unusual but valid ones. */
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "suite.h"

#define MOST_SIDE (1u << 20)

/* A change to a valid view, and the status for it as a source and as a target. */
struct row {
    const char *name;
    int32_t as_source, as_target;
    enum { SIZE, STRIDE, SIDES, KIND, RESERVED } field;
    uint64_t value, second;
};

static const struct row table[] = {
    {"no bytes", ENL_ERROR_BUFFER, ENL_ERROR_BUFFER, SIZE, 0, 0},
    {"all of memory", ENL_ERROR_BUFFER, ENL_ERROR_BUFFER, SIZE, SIZE_MAX, 0},
    {"no stride", ENL_ERROR_BUFFER, ENL_ERROR_BUFFER, STRIDE, 0, 0},
    {"a stride of half of memory", ENL_ERROR_BUFFER, ENL_ERROR_BUFFER, STRIDE, SIZE_MAX / 2 + 1, 0},
    {"a stride whose rows come around", ENL_ERROR_BUFFER, ENL_ERROR_BUFFER, STRIDE, SIZE_MAX / 4 + 1, 0},
    {"a stride of all of memory", ENL_ERROR_BUFFER, ENL_ERROR_BUFFER, STRIDE, SIZE_MAX, 0},
    {"no columns", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, SIDES, 0, HEIGHT},
    {"no rows", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, SIDES, WIDTH, 0},
    {"no pixels", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, SIDES, 0, 0},
    {"one column too many", ENL_ERROR_LIMIT, ENL_ERROR_LIMIT, SIDES, MOST_SIDE + 1, 1},
    {"one row too many", ENL_ERROR_LIMIT, ENL_ERROR_LIMIT, SIDES, 1, MOST_SIDE + 1},
    {"all columns that 32 bits can say", ENL_ERROR_LIMIT, ENL_ERROR_LIMIT, SIDES, UINT32_MAX, UINT32_MAX},
    {"the largest picture in a small buffer", ENL_ERROR_BUFFER, ENL_ERROR_BUFFER, SIDES, MOST_SIDE, MOST_SIDE},
    {"another size than the plan's", ENL_ERROR_BUFFER, ENL_ERROR_BUFFER, SIDES, WIDTH - 1, HEIGHT},
    {"no format", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, 0, 0},
    {"a sample alone", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, ENL_SAMPLE_U8, 0},
    {"channels alone", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, ENL_CHANNELS_RGB, 0},
    {"the sample after the last", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, ENL_CHANNELS_RGB + 5, 0},
    {"the channels after the last", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, ENL_CHANNELS_BGRA + 16 + ENL_SAMPLE_U8, 0},
    {"premultiplied without alpha", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, FORMAT + ENL_ALPHA_PREMULTIPLIED, 0},
    {"twice premultiplied", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND,
     ENL_CHANNELS_RGBA + ENL_SAMPLE_U8 + 2 * ENL_ALPHA_PREMULTIPLIED, 0},
    {"the lowest number", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, 0x80000000, 0},
    {"the highest number", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, 0x7FFFFFFF, 0},
    {"minus one", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, 0xFFFFFFFF, 0},
    {"a high bit on a right format", ENL_ERROR_FORMAT, ENL_ERROR_FORMAT, KIND, FORMAT + 0x10000, 0},
    {"reserved", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, RESERVED, 1, 0},
    {"reserved, the highest bit", ENL_ERROR_ARGUMENT, ENL_ERROR_ARGUMENT, RESERVED, 0x80000000, 0},
};

static enl_view changed(enl_view view, const struct row *row) {
    switch (row->field) {
    case SIZE: view.size = (size_t)row->value; break;
    case STRIDE: view.stride = (size_t)row->value; break;
    case SIDES: view.width = (uint32_t)row->value, view.height = (uint32_t)row->second; break;
    case KIND: view.format = (int32_t)(uint32_t)row->value; break;
    case RESERVED: view.reserved = (uint32_t)row->value; break;
    }
    return view;
}

static int32_t never_read(void *user_data, uint32_t x, uint32_t y, void *row, size_t size) {
    (void)user_data, (void)x, (void)y, (void)row, (void)size;
    check(!"a row was asked for");
    return ENL_CONTINUE;
}

static int32_t never_write(void *user_data, uint32_t y, const void *row, size_t size) {
    (void)user_data, (void)y, (void)row, (void)size;
    check(!"a row was written");
    return ENL_CONTINUE;
}

static void wrong_numbers(struct set set) {
    enl_view source = set_source(), target = set_target();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct row *row = &table[i];
        check_row(row->name);
        enl_view *wrong = room(sizeof *wrong);
        *wrong = changed(source, row);
        /* A source of another size is valid, but does not match the target. */
        expect(row->as_source, enl_upscaler_run(set.upscaler, NULL, wrong, NULL, NULL, NULL, NULL, &target));
        *wrong = changed(target, row);
        expect(row->as_target, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, wrong));
        check(room_untouched(target.data, target.size));

        if (row->field == SIZE || row->field == STRIDE) continue;
        enl_view as_rows = changed((enl_view){NULL, 0, 0, WIDTH, HEIGHT, FORMAT, 0}, row);
        enl_source rows = {never_read, NULL, as_rows.width, as_rows.height, as_rows.format, as_rows.reserved};
        enl_source right = {never_read, NULL, WIDTH, HEIGHT, FORMAT, 0};
        enl_sink sink = {never_write, NULL, as_rows.width, as_rows.height, as_rows.format, as_rows.reserved};
        enl_sink fits = {never_write, NULL, 2 * WIDTH, 2 * HEIGHT, FORMAT, 0};
        /* Streams have no buffer for the whole picture, so the largest source is valid; its result exceeds the limit. */
        int largest = as_rows.width == MOST_SIDE;
        expect(largest ? ENL_ERROR_LIMIT : row->as_source,
               enl_upscaler_stream(set.upscaler, NULL, &rows, NULL, NULL, NULL, NULL, &fits));
        expect(row->as_target, enl_upscaler_stream(set.upscaler, NULL, &right, NULL, NULL, NULL, NULL, &sink));
    }
}

/* One byte more or less than needed, for size and stride. */
static void exact_sizes(struct set set) {
    check_row("exact sizes");
    enl_view source = set_source(), target = set_target(), less;
    less = source, less.size--;
    expect(ENL_ERROR_BUFFER, enl_upscaler_run(set.upscaler, NULL, &less, NULL, NULL, NULL, NULL, &target));
    less = source, less.stride--;
    expect(ENL_ERROR_BUFFER, enl_upscaler_run(set.upscaler, NULL, &less, NULL, NULL, NULL, NULL, &target));
    less = target, less.size--;
    expect(ENL_ERROR_BUFFER, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &less));
    less = target, less.stride--;
    expect(ENL_ERROR_BUFFER, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &less));
    check(room_untouched(target.data, target.size));
    expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    check(set_right(&target));
}

/* Padding between rows is not written, and the last row needs no padding. */
static void padding(struct set set) {
    enl_view source = set_source();
    for (size_t pad = 1; pad < 40; pad += 6) {
        check_row("padding");
        size_t stride = 2 * ROW + pad, size = (2 * HEIGHT - 1) * stride + 2 * ROW;
        enl_view target = {room(size), size, stride, 2 * WIDTH, 2 * HEIGHT, FORMAT, 0};
        expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
        check(set_right(&target));
        for (size_t y = 0; y + 1 < 2 * HEIGHT; y++) {
            check(room_untouched((char *)target.data + y * stride + 2 * ROW, pad));
        }
    }
}

/* Directly after an inaccessible page: nothing may be read or written before the first pixel. */
static void before(struct set set) {
    check_row("before the first byte");
    enl_view source = set_source(), target = set_target();
    uint8_t *data = room_after(source.size);
    memcpy(data, source.data, source.size);
    source.data = data;
    target.data = room_after(target.size);
    expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    check(set_right(&target));
}

/* Structs and wide samples at odd addresses. */
static void misaligned(struct set set) {
    check_row("misaligned");
    enl_view source = set_source(), target = set_target();
    for (size_t off = 1; off < 8; off += 2) {
        enl_rect whole = {0, 0, WIDTH, HEIGHT};
        char *from = room(sizeof source + off), *to = room(sizeof target + off), *rect = room(sizeof whole + off);
        char *plan = room(sizeof(enl_plan) + off), *count = room(sizeof(size_t) + off), *place = room(sizeof(void *) + off);
        memcpy(from, &source, sizeof source), memcpy(to, &target, sizeof target), memcpy(rect, &whole, sizeof whole);
        expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, (void *)from, (void *)rect, NULL, NULL, NULL, (void *)to));
        check(set_right(&target));
        memset(target.data, ROOM_FILL, target.size);
        expect(ENL_OK, enl_upscaler_plan(set.upscaler, NULL, WIDTH, HEIGHT, (void *)rect, (void *)plan));
        enl_plan made;
        memcpy(&made, plan, sizeof made);
        check(made.width == 2 * WIDTH && made.height == 2 * HEIGHT && made.reserved == 0);
        expect(ENL_OK, enl_options_count(set.options, (void *)count));
        expect(ENL_OK, enl_cancel_new((void *)place));
        enl_cancel *cancel;
        memcpy(&cancel, place, sizeof cancel);
        expect(ENL_OK, enl_cancel_free(cancel));

        enum { WIDE = ENL_CHANNELS_RGBA + ENL_SAMPLE_F32 };
        size_t row = 16 * WIDTH, bytes = row * HEIGHT;
        char *pixels = room(bytes + off), *result = room(4 * bytes + off);
        for (size_t i = 0; i < 4 * WIDTH * HEIGHT; i++) {
            float sample = (float)(i % 251) / 250;
            memcpy(pixels + 4 * i, &sample, 4);
        }
        enl_view wide = {pixels, bytes, row + 0, WIDTH, HEIGHT, WIDE, 0};
        enl_view out = {result, 4 * bytes, 2 * row, 2 * WIDTH, 2 * HEIGHT, WIDE, 0};
        expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, &wide, NULL, NULL, NULL, NULL, &out));
        check(room_untouched(result + 4 * bytes, off));
    }
}

static void overlapping(struct set set) {
    check_row("overlapping");
    enl_view source = set_source(), target = set_target();
    size_t both = source.size + target.size - 1;
    char *memory = room(both);
    source.data = memory, target.data = memory;
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    target.data = memory + source.size - 1;
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    target.data = memory, source.data = memory + target.size - 1;
    expect(ENL_ERROR_ARGUMENT, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    check(room_untouched(memory, both));
    /* Adjacent views do not overlap. */
    enl_view apart = set_source();
    memory = room(both + 1);
    memcpy(memory, apart.data, apart.size);
    source.data = memory, target.data = memory + source.size;
    expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    check(set_right(&target));
}

static void rectangles(struct set set) {
    static const struct {
        int32_t status;
        enl_rect rect;
    } rects[] = {
        {ENL_ERROR_ARGUMENT, {0, 0, 0, 1}},
        {ENL_ERROR_ARGUMENT, {0, 0, 1, 0}},
        {ENL_ERROR_ARGUMENT, {0, 0, WIDTH + 1, 1}},
        {ENL_ERROR_ARGUMENT, {0, 0, 1, HEIGHT + 1}},
        {ENL_ERROR_ARGUMENT, {WIDTH, 0, 1, 1}},
        {ENL_ERROR_ARGUMENT, {0, HEIGHT, 1, 1}},
        {ENL_ERROR_ARGUMENT, {1, 1, WIDTH, HEIGHT}},
        {ENL_ERROR_ARGUMENT, {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}},
        {ENL_ERROR_ARGUMENT, {1, 0, UINT32_MAX, 1}},
        {ENL_ERROR_ARGUMENT, {UINT32_MAX, 0, 2, 1}},
        {ENL_OK, {WIDTH - 1, HEIGHT - 1, 1, 1}},
        {ENL_OK, {0, 0, WIDTH, HEIGHT}},
    };
    check_row("rectangles");
    for (size_t i = 0; i < sizeof rects / sizeof *rects; i++) {
        enl_view source = set_source();
        enl_rect *rect = room_of(&rects[i].rect, sizeof *rect);
        enl_plan *plan = room(sizeof *plan);
        expect(rects[i].status, enl_upscaler_plan(set.upscaler, NULL, WIDTH, HEIGHT, rect, plan));
        check((rects[i].status != ENL_OK) == room_untouched(plan, sizeof *plan));
        uint32_t width = rects[i].status ? 2 : 2 * rect->width, height = rects[i].status ? 2 : 2 * rect->height;
        size_t size = (size_t)3 * width * height;
        enl_view target = {room(size), size, (size_t)3 * width, width, height, FORMAT, 0};
        expect(rects[i].status, enl_upscaler_run(set.upscaler, NULL, &source, rect, NULL, NULL, NULL, &target));
        check((rects[i].status != ENL_OK) == room_untouched(target.data, size));
    }
}

static void plans(struct set set) {
    static const struct {
        uint32_t width, height;
        int32_t status;
    } sizes[] = {
        {0, 1, ENL_ERROR_ARGUMENT},
        {1, 0, ENL_ERROR_ARGUMENT},
        {MOST_SIDE + 1, 1, ENL_ERROR_LIMIT},
        {1, MOST_SIDE + 1, ENL_ERROR_LIMIT},
        {UINT32_MAX, UINT32_MAX, ENL_ERROR_LIMIT},
        {MOST_SIDE, 1, ENL_ERROR_LIMIT}, /* the result would be twice as wide */
        {MOST_SIDE / 2, 1, ENL_OK},
        {1, MOST_SIDE / 2, ENL_OK},
        {1, 1, ENL_OK},
    };
    check_row("plans");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        enl_plan *plan = room(sizeof *plan);
        expect(sizes[i].status, enl_upscaler_plan(set.upscaler, NULL, sizes[i].width, sizes[i].height, NULL, plan));
        if (sizes[i].status != ENL_OK) {
            check(room_untouched(plan, sizeof *plan));
        } else {
            check(plan->width == 2 * sizes[i].width && plan->height == 2 * sizes[i].height && plan->tiles > 0);
            check(plan->reserved == 0 && (plan->future[0] | plan->future[1] | plan->future[2] | plan->future[3]) == 0);
        }
    }
}

/* Converting colour to gray, or dropping alpha, would lose data. */
static void what_does_not_fit(struct set set) {
    enum { GRAY = ENL_CHANNELS_GRAY + ENL_SAMPLE_U8, RGBA = ENL_CHANNELS_RGBA + ENL_SAMPLE_U8 };
    check_row("formats that lose something");
    enl_view source = set_source(), target = set_target();
    target.format = GRAY;
    expect(ENL_ERROR_FORMAT, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    char *pixels = room(4 * WIDTH * HEIGHT);
    source = (enl_view){pixels, 4 * WIDTH * HEIGHT, 4 * WIDTH, WIDTH, HEIGHT, RGBA, 0};
    target = set_target();
    expect(ENL_ERROR_FORMAT, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
    check(room_untouched(target.data, target.size));
}

void suite_view(void) {
    struct set set = set_up("plain");
    wrong_numbers(set);
    exact_sizes(set);
    padding(set);
    before(set);
    misaligned(set);
    overlapping(set);
    rectangles(set);
    plans(set);
    what_does_not_fit(set);
    set_down(&set);
}
