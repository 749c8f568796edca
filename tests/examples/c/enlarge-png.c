/*
 * enlarge-png: enlarges a PNG file with libenlarger, row by row, so that it needs little memory. Ctrl-C stops it.
 *
 *     enlarge-png [KEY=VALUE ...] INPUT OUTPUT
 *
 * The result keeps the source's bit depth, gray, transparency and ICC profile. It is written to OUTPUT.part, which is
 * renamed to OUTPUT when it is complete; an existing OUTPUT is replaced.
 *
 * Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped.
 *
 *     cc enlarge-png.c -o enlarge-png $(pkg-config --cflags --libs enlarger libpng) -pthread
 *
 * If the library is not in a standard folder, add -Wl,-rpath,$(pkg-config --variable=libdir enlarger).
 */

#define _POSIX_C_SOURCE 200809L

#include <enlarger.h>
#include <errno.h>
#include <png.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DONE = 0, FAILED = 1, USAGE = 2, STOPPED = 130 };

/* One PNG file that is read or written. */
struct file {
    const char *name;
    FILE *stream;
    png_structp png;
    png_infop info;
    /* Why reading or writing failed; empty if it has not. */
    char problem[256];
    uint32_t width, height;
    /* Rows read so far. */
    uint32_t next;
    /* All rows of an interlaced source; NULL for other files. */
    png_bytepp rows;
};

static void complain(const char *about, const char *message)
{
    fprintf(stderr, "enlarge-png: %s: %s\n", about, message);
}

/* Prints the library's message about the call that has just failed. */
static void complain_of_library(const char *about)
{
    char message[1024];
    enl_last_error(message, sizeof message);
    complain(about, message);
}

/* ---- PNG ------------------------------------------------------------------------------------------------------------
 * libpng reports failures with a longjmp to the last setjmp. It must not jump across libenlarger, so every callback has a
 * setjmp of its own.
 */

static void png_failed(png_structp png, png_const_charp message)
{
    struct file *file = png_get_error_ptr(png);
    snprintf(file->problem, sizeof file->problem, "%s", message);
    png_longjmp(png, 1);
}

static void png_warned(png_structp png, png_const_charp message)
{
    const struct file *file = png_get_error_ptr(png);
    complain(file->name, message);
}

static int fail(struct file *file, const char *message)
{
    snprintf(file->problem, sizeof file->problem, "%s", message);
    return 0;
}

static int32_t format_of(const struct file *file)
{
    int32_t sample = png_get_bit_depth(file->png, file->info) == 16 ? ENL_SAMPLE_U16 : ENL_SAMPLE_U8;
    switch (png_get_color_type(file->png, file->info)) {
    case PNG_COLOR_TYPE_GRAY:
        return ENL_CHANNELS_GRAY + sample;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return ENL_CHANNELS_GRAY_ALPHA + sample;
    case PNG_COLOR_TYPE_RGB:
        return ENL_CHANNELS_RGB + sample;
    default:
        return ENL_CHANNELS_RGBA + sample;
    }
}

/* PNG stores 16-bit samples with the high byte first. */
static void use_native_order(struct file *file)
{
    const uint16_t one = 1;
    if (*(const uint8_t *)&one == 1)
        png_set_swap(file->png);
}

/* An interlaced picture is stored in seven passes, so the whole picture is read into memory. */
static int hold_rows(struct file *file)
{
    size_t row = png_get_rowbytes(file->png, file->info);
    file->rows = calloc(file->height, sizeof *file->rows);
    for (uint32_t y = 0; file->rows && y < file->height; y++)
        if (!(file->rows[y] = malloc(row)))
            return fail(file, "there is not enough memory for an interlaced picture of this size");
    if (!file->rows)
        return fail(file, "there is not enough memory for an interlaced picture of this size");
    png_read_image(file->png, file->rows);
    return 1;
}

static int open_source(struct file *file)
{
    if (!(file->stream = fopen(file->name, "rb")))
        return fail(file, strerror(errno));
    if (!(file->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, file, png_failed, png_warned)) ||
        !(file->info = png_create_info_struct(file->png)))
        return fail(file, "libpng could not be started");
    if (setjmp(png_jmpbuf(file->png)))
        return 0;
    png_init_io(file->png, file->stream);
    png_read_info(file->png, file->info);
    /* Palettes, samples of fewer than 8 bits and transparent colours become full samples and alpha. */
    png_set_expand(file->png);
    use_native_order(file);
    int passes = png_set_interlace_handling(file->png);
    png_read_update_info(file->png, file->info);
    file->width = png_get_image_width(file->png, file->info);
    file->height = png_get_image_height(file->png, file->info);
    return passes == 1 || hold_rows(file);
}

/* Begins a PNG file with the source's format and colours in an open stream. */
static int open_sink(struct file *file, const struct file *source, const enl_plan *plan)
{
    if (!(file->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, file, png_failed, png_warned)) ||
        !(file->info = png_create_info_struct(file->png)))
        return fail(file, "libpng could not be started");
    if (setjmp(png_jmpbuf(file->png)))
        return 0;
    file->width = plan->width;
    file->height = plan->height;
    png_init_io(file->png, file->stream);
    /* When reading, libpng only warns of some faulty profiles. Writing such a profile must not fail either. */
    png_set_benign_errors(file->png, 1);
    png_set_IHDR(file->png, file->info, plan->width, plan->height, png_get_bit_depth(source->png, source->info),
                 png_get_color_type(source->png, source->info), PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_charp name;
    png_bytep profile;
    png_uint_32 size;
    int compression;
    if (png_get_iCCP(source->png, source->info, &name, &compression, &profile, &size))
        png_set_iCCP(file->png, file->info, name, compression, profile, size);
    else
        png_set_sRGB(file->png, file->info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_write_info(file->png, file->info);
    use_native_order(file);
    return 1;
}

static int finish_sink(struct file *file)
{
    if (setjmp(png_jmpbuf(file->png)))
        return 0;
    png_write_end(file->png, NULL);
    FILE *stream = file->stream;
    file->stream = NULL;
    return fclose(stream) == 0 || fail(file, strerror(errno));
}

static void close_source(struct file *file)
{
    for (uint32_t y = 0; file->rows && y < file->height; y++)
        free(file->rows[y]);
    free(file->rows);
    png_destroy_read_struct(&file->png, &file->info, NULL);
    if (file->stream)
        fclose(file->stream);
}

static void close_sink(struct file *file)
{
    png_destroy_write_struct(&file->png, &file->info);
    if (file->stream)
        fclose(file->stream);
}

/* ---- Callbacks -------------------------------------------------------------------------------------------------- */

/* The run has no rectangle, so x is 0 and size is that of a whole row. */
static int32_t read_row(void *user_data, uint32_t x, uint32_t y, void *row, size_t size)
{
    struct file *file = user_data;
    (void)x;
    if (file->rows) {
        memcpy(row, file->rows[y], size);
        return ENL_CONTINUE;
    }
    if (setjmp(png_jmpbuf(file->png)))
        return 0;
    for (; file->next <= y; file->next++)
        png_read_row(file->png, row, NULL);
    return ENL_CONTINUE;
}

static int32_t write_row(void *user_data, uint32_t y, const void *row, size_t size)
{
    struct file *file = user_data;
    (void)y;
    (void)size;
    if (setjmp(png_jmpbuf(file->png)))
        return 0;
    png_write_row(file->png, row);
    return ENL_CONTINUE;
}

static int32_t show_progress(void *user_data, const enl_progress *progress)
{
    int *shown = user_data;
    /* If no network runs, there are no tiles, only rows. */
    uint64_t done = progress->tiles_total ? progress->tiles_done : progress->rows_done;
    uint64_t total = progress->tiles_total ? progress->tiles_total : progress->rows_total;
    int percent = (int)(100 * done / total);
    if (percent != *shown)
        fprintf(stderr, "\r%3d %%", percent);
    *shown = percent;
    return ENL_CONTINUE;
}

static void show_message(void *user_data, int32_t level, const char *message)
{
    (void)level;
    complain(user_data, message);
}

/* ---- Ctrl-C -----------------------------------------------------------------------------------------------------
 * A signal handler must not call the library. So all threads block the signals, and one thread waits for them.
 */

static sigset_t signals;

static void *wait_for_signal(void *cancel)
{
    int signal;
    sigwait(&signals, &signal);
    enl_cancel_request(cancel);
    return NULL;
}

/* ---- The program ------------------------------------------------------------------------------------------------ */

/* Sets an option from "key=value". */
static int set_option(enl_options *options, const char *argument)
{
    char key[64];
    size_t length = strcspn(argument, "=");
    snprintf(key, sizeof key, "%.*s", (int)length, argument);
    if (enl_options_set(options, key, argument + length + 1) == ENL_OK)
        return 1;
    complain_of_library(argument);
    return 0;
}

/* Passes the source's ICC profile, if it has one, to the library. */
static int set_profile(enl_options *options, const struct file *source)
{
    png_charp name;
    png_bytep profile;
    png_uint_32 size;
    int compression;
    if (!png_get_iCCP(source->png, source->info, &name, &compression, &profile, &size) ||
        enl_options_set_bytes(options, "icc_profile", profile, size) == ENL_OK)
        return 1;
    complain_of_library(source->name);
    return 0;
}

/* Enlarges one open file into another. */
static int run(enl_upscaler *upscaler, const enl_options *options, const enl_cancel *cancel, struct file *source,
               struct file *sink)
{
    enl_source from = {read_row, source, source->width, source->height, format_of(source), 0};
    enl_sink to = {write_row, sink, sink->width, sink->height, from.format, 0};
    int shown = -1;
    int32_t status = enl_upscaler_stream(upscaler, options, &from, NULL, cancel, show_progress, &shown, &to);
    fputs("\n", stderr);

    int32_t stopped = 0;
    enl_cancel_is_requested(cancel, &stopped);
    if (stopped) {
        complain(source->name, "stopped");
        return STOPPED;
    }
    if (*source->problem || *sink->problem || (status == ENL_OK && !finish_sink(sink))) {
        /* A callback failed, which stopped the run. */
        complain(*source->problem ? source->name : sink->name, *source->problem ? source->problem : sink->problem);
        return FAILED;
    }
    if (status != ENL_OK) {
        complain_of_library(source->name);
        return FAILED;
    }
    return DONE;
}

/* Writes to a temporary file, and renames it when it is complete. */
static int enlarge(enl_upscaler *upscaler, enl_options *options, const enl_cancel *cancel, struct file *source,
                   const char *output)
{
    enl_plan plan;
    if (!set_profile(options, source))
        return FAILED;
    if (enl_upscaler_plan(upscaler, options, source->width, source->height, NULL, &plan) != ENL_OK) {
        complain_of_library(source->name);
        return FAILED;
    }
    size_t size = strlen(output) + sizeof ".part";
    char *part = malloc(size);
    if (!part) {
        complain(output, "there is not enough memory");
        return FAILED;
    }
    snprintf(part, size, "%s.part", output);

    int result = FAILED;
    /* "x" makes fopen fail if the file exists. */
    struct file sink = {.name = part, .stream = fopen(part, "wbx")};
    if (!sink.stream) {
        complain(part, strerror(errno));
        free(part);
        return FAILED;
    }
    if (open_sink(&sink, source, &plan))
        result = run(upscaler, options, cancel, source, &sink);
    else
        complain(part, sink.problem);
    close_sink(&sink);
    if (result == DONE && rename(part, output) != 0) {
        complain(output, strerror(errno));
        result = FAILED;
    }
    if (result != DONE)
        remove(part);
    free(part);
    return result;
}

static int usage(void)
{
    fputs("usage: enlarge-png [KEY=VALUE ...] INPUT OUTPUT\n"
          "\n"
          "Enlarges a PNG file. Ctrl-C stops it. Options and their defaults:\n\n",
          stderr);
    enl_registry *registry = NULL;
    enl_options *options = NULL;
    size_t count = 0;
    enl_registry_new(NULL, 0, &registry);
    enl_options_new(registry, &options);
    enl_options_count(options, &count);
    for (size_t i = 0; i < count; i++) {
        char key[64], value[64], help[256];
        if (enl_options_key(options, i, key, sizeof key, NULL) == ENL_OK &&
            enl_options_describe(options, key, "default", value, sizeof value, NULL) == ENL_OK &&
            enl_options_describe(options, key, "help", help, sizeof help, NULL) == ENL_OK)
            fprintf(stderr, "  %s=%s\n        %s\n", key, value, help);
    }
    enl_options_free(options);
    enl_registry_free(registry);
    return USAGE;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc - 2; i++)
        if (!strchr(argv[i], '='))
            return usage();
    if (argc < 3 || *argv[argc - 2] == '-' || *argv[argc - 1] == '-')
        return usage();
    const char *output = argv[argc - 1];

    /* Threads inherit the blocked signals, so this comes before any call of the library. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);

    enl_registry *registry = NULL;
    enl_options *options = NULL;
    enl_upscaler *upscaler = NULL;
    enl_cancel *cancel = NULL;
    struct file source = {.name = argv[argc - 2]};
    pthread_t waiting;
    int result = FAILED;

    enl_log_set(ENL_LOG_WARNING, show_message, argv[0]);
    if (enl_registry_new(NULL, 0, &registry) != ENL_OK || enl_options_new(registry, &options) != ENL_OK ||
        enl_cancel_new(&cancel) != ENL_OK) {
        complain_of_library("start");
        goto end;
    }
    for (int i = 1; i < argc - 2; i++)
        if (!set_option(options, argv[i])) {
            result = USAGE;
            goto end;
        }
    if (enl_upscaler_new(registry, options, &upscaler) != ENL_OK) {
        complain_of_library("model");
        goto end;
    }
    if (!open_source(&source)) {
        complain(source.name, source.problem);
        goto end;
    }
    if (pthread_create(&waiting, NULL, wait_for_signal, cancel) != 0) {
        complain("Ctrl-C", "cannot start the thread that waits for it");
        goto end;
    }
    result = enlarge(upscaler, options, cancel, &source, output);
    pthread_cancel(waiting);
    pthread_join(waiting, NULL);
end:
    close_source(&source);
    enl_upscaler_free(upscaler);
    enl_cancel_free(cancel);
    enl_options_free(options);
    enl_registry_free(registry);
    return result;
}
