/* An engine library in C that ignores the network and repeats each pixel. Each of the macros below breaks it in one way. */
#include <enlarger_engine.h>

#define TEXT(words) {(const uint8_t *)words, sizeof words - 1}

static const enl_engine_text cpu = TEXT("cpu"), name = TEXT("a plain C program");

static void devices(const void *context, enl_engine_devices devices)
{
    (void)context;
    devices.give(devices.context, cpu, name);
}

static int32_t open_network(const void *context, const enl_engine_options *options, enl_engine_said said, const void **session)
{
    static const enl_engine_text sentence = TEXT("thirteen threads are too many; take fewer");
    if (options->threads == 13) {
        said.say(said.context, sentence);
        return -2; /* ENL_ERROR_ARGUMENT */
    }
    *session = context;
    return ENL_ENGINE_OK;
}

static void nothing(const void *session)
{
    (void)session;
}

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

static int32_t run(const void *session, const enl_engine_input *inputs, size_t count, const enl_engine_output *output,
                   const enl_engine_control *control, enl_engine_said said)
{
    const size_t channels = output->shape[1], height = output->shape[2], width = output->shape[3];
    const size_t rows = inputs->shape[2], columns = inputs->shape[3];
    (void)session;
    (void)count;
    (void)said;
    for (size_t c = 0; c < channels; c++)
        for (size_t y = 0; y < height; y++) {
            if (control->is_cancelled(control->context))
                return -80; /* ENL_CANCELLED */
            for (size_t x = 0; x < width; x++)
                output->data[(c * height + y) * width + x] =
                    inputs->data[(c * rows + y * rows / height) * columns + x * columns / width];
        }
    return ENL_ENGINE_OK;
}

/* 0: there are no streams, only tiles. */
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
    return -91; /* ENL_ERROR_INTERNAL */
}

static int32_t finish(void *stream, const enl_engine_control *control, enl_engine_said said)
{
    (void)stream;
    (void)control;
    (void)said;
    return -91;
}

static int32_t pull(void *stream, float *row, size_t count, const enl_engine_control *control, enl_engine_said said)
{
    (void)stream;
    (void)row;
    (void)count;
    (void)control;
    (void)said;
    return -91;
}

static void close_stream(void *stream)
{
    (void)stream;
}

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
    .close = nothing,
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
