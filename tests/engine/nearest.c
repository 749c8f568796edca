/*
 * A sample engine library in C. It ignores the network and enlarges by repeating each pixel (nearest neighbour), so it shows
 * the interface and nothing else. A real engine would load options->network in open_network().
 *
 * Build it with a C11 compiler, for example on Linux:
 *
 *     cc -std=c11 -shared -fPIC -I include -o nearest.so nearest.c
 *
 * and use it with `enlarge photo.png --engine /absolute/path/of/nearest.so`.
 *
 * The tests also build it with one of the macros NO_USAGE, OTHER_MAGIC, OTHER_VERSION, SHORT_TABLE, NO_ENTRY or NO_TABLE,
 * each of which makes it wrong or incomplete in one way. Leave those parts out of an engine of your own.
 */
#include <enlarger.h> /* for the status codes */
#include <enlarger_engine.h>

/* A constant enl_engine_text made of a string literal, without its terminating zero byte. */
#define TEXT(literal) {(const uint8_t *)literal, sizeof literal - 1}

/* Lists the devices of the engine, and also the device of a session. This engine has only one. */
static void devices(const void *context, enl_engine_devices devices)
{
    static const enl_engine_text id = TEXT("cpu");
    static const enl_engine_text name = TEXT("a plain C program");
    (void)context;
    devices.give(devices.context, id, name);
}

/* Opens a session. This engine keeps no state, so its context serves as the session. */
static int32_t open_network(const void *context, const enl_engine_options *options, enl_engine_said said, const void **session)
{
    /* An arbitrary limit, to show how an error is reported: pass one sentence to say(), then return a status code. */
    static const enl_engine_text message = TEXT("thirteen threads are too many; take fewer");
    if (options->threads == 13) {
        said.say(said.context, message);
        return ENL_ERROR_ARGUMENT;
    }
    *session = context;
    return ENL_ENGINE_OK;
}

/* Closes a session. There is nothing to free. */
static void close_session(const void *session)
{
    (void)session;
}

/* Tells the host how to use a session: tiles of 64 pixels a side, one at a time. */
static enl_engine_usage usage(const void *session)
{
#ifdef NO_USAGE
    const enl_engine_usage usage = {0};
#else
    const enl_engine_usage usage = {.tile = 64, .parallel = 1, .exact = 1, .interruptible = 1};
#endif
    (void)session;
    return usage;
}

/* Enlarges one tile. Shapes are batch, channels, height, width; the batch is always 1. */
static int32_t run(const void *session, const enl_engine_input *inputs, size_t count, const enl_engine_output *output,
                   const enl_engine_control *control, enl_engine_said said)
{
    const size_t channels = output->shape[1];
    const size_t height = output->shape[2];
    const size_t width = output->shape[3];
    const size_t input_height = inputs->shape[2];
    const size_t input_width = inputs->shape[3];
    (void)session;
    (void)count;
    (void)said;
    for (size_t channel = 0; channel < channels; channel++) {
        for (size_t y = 0; y < height; y++) {
            /* Check for cancellation once a row. ENL_CANCELLED needs no message. */
            if (control->is_cancelled(control->context)) {
                return ENL_CANCELLED;
            }
            const size_t input_y = y * input_height / height;
            const float *from = inputs->data + (channel * input_height + input_y) * input_width;
            float *to = output->data + (channel * height + y) * width;
            for (size_t x = 0; x < width; x++) {
                to[x] = from[x * input_width / width];
            }
        }
    }
    return ENL_ENGINE_OK;
}

/* This engine supports only tiles: stream_memory() returns 0 and stream() stores NULL. The host then never calls the other
 * functions for streams, but the table must have them. */
static uint64_t stream_memory(const void *session, size_t width)
{
    (void)session;
    (void)width;
    return 0;
}

static int32_t stream(const void *session, size_t width, enl_engine_said said, void **stream)
{
    (void)session;
    (void)width;
    (void)said;
    *stream = NULL;
    return ENL_ENGINE_OK;
}

static int32_t push(void *stream, const float *row, size_t count, const enl_engine_control *control, enl_engine_said said)
{
    (void)stream;
    (void)row;
    (void)count;
    (void)control;
    (void)said;
    return ENL_ERROR_INTERNAL;
}

static int32_t finish(void *stream, const enl_engine_control *control, enl_engine_said said)
{
    (void)stream;
    (void)control;
    (void)said;
    return ENL_ERROR_INTERNAL;
}

static int32_t pull(void *stream, float *row, size_t count, const enl_engine_control *control, enl_engine_said said)
{
    (void)stream;
    (void)row;
    (void)count;
    (void)control;
    (void)said;
    return ENL_ERROR_INTERNAL;
}

static void close_stream(void *stream)
{
    (void)stream;
}

/* The engine. The table and its texts must stay valid until the process ends, so they are static. */
static const enl_engine table = {
#ifdef OTHER_MAGIC
    .magic = 1,
#else
    .magic = ENL_ENGINE_MAGIC,
#endif
#ifdef OTHER_VERSION
    .version = ENL_ENGINE_VERSION + 1,
#else
    .version = ENL_ENGINE_VERSION,
#endif
#ifdef SHORT_TABLE
    .size = sizeof table / 2,
#else
    .size = sizeof table,
#endif
    .id = TEXT("nearest-in-c"),
    .engine_version = TEXT("7"),
    .context = &table,
    .devices = devices,
    .open = open_network,
    .close = close_session,
    .device = devices,
    .usage = usage,
    .run = run,
    .stream_memory = stream_memory,
    .stream = stream,
    .push = push,
    .finish = finish,
    .pull = pull,
    .close_stream = close_stream,
};

/* The only function that the library exports. On Windows, declare it with __declspec(dllexport). */
#ifdef NO_ENTRY
const enl_engine *another_function(void);
const enl_engine *another_function(void)
#else
const enl_engine *enlarger_engine(void);
const enl_engine *enlarger_engine(void)
#endif
{
#ifdef NO_TABLE
    return NULL;
#else
    return &table;
#endif
}
