/*
 * libenlarger: AI image upscaling. Pixels in, enlarged pixels out.
 *
 * Made by scripts/header from capi/src; do not edit.
 *
 *
 * IN FIFTEEN LINES
 *
 *     enl_registry *registry;
 *     enl_options *options;
 *     enl_upscaler *upscaler;
 *     enl_plan plan;
 *     enl_view source = {pixels, size, 3 * width, width, height, ENL_CHANNELS_RGB + ENL_SAMPLE_U8, 0};
 *
 *     enl_registry_new(NULL, 0, &registry);
 *     enl_options_new(registry, &options);
 *     enl_options_set(options, "factor", "2");
 *     enl_upscaler_new(registry, options, &upscaler);
 *     enl_upscaler_plan(upscaler, NULL, width, height, NULL, &plan);
 *     size_t row = 3 * (size_t)plan.width, bytes = row * plan.height;
 *     enl_view target = {malloc(bytes), bytes, row, plan.width, plan.height, source.format, 0};
 *     int32_t status = enl_upscaler_run(upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target);
 *     enl_upscaler_free(upscaler), enl_options_free(options), enl_registry_free(registry);
 *
 * Every call returns a status, which a real program looks at; see ERRORS.
 *
 *
 * OBJECTS
 *
 * A registry knows the models, engines and devices of this machine. Options say what is wanted, by key; they describe
 * themselves, so that a dialog can be built from them. An upscaler is a model opened on an engine. A plan says what a
 * run will do before anything runs. A run takes views of your pixels, or row callbacks. A cancel stops it.
 *
 * Objects are used through handles: made by _new, released once by _free (of NULL: nothing happens). A handle looks
 * like a pointer and is none. One that was freed, is of another kind or never was a handle is answered with
 * ENL_ERROR_BAD_HANDLE. An object keeps alive what it needs: free in any order.
 *
 *
 * MEMORY
 *
 * Pixels, structs and text buffers are yours. The library reads and writes them during the call and keeps no pointer
 * to them, but for a log callback's user_data. Pixels have any alignment and stride; a row is `width` pixels without
 * gaps. What is given is copied. Texts are UTF-8 and end with a NUL; those that come out are copied to your buffer
 * (ask for the length first, with a NULL buffer). Results are written only on success; a handle's place is set to NULL
 * on failure.
 *
 *
 * COLOUR, ALPHA, DEPTH
 *
 * Samples mean sRGB unless the option "icc_profile" or "colour_space" says otherwise; the result means the same as the
 * source. The type of the samples is their depth: nothing is rounded on the way. Alpha goes its own way, and colour
 * does not bleed in from transparent pixels. See the constants ENL_SAMPLE_*, ENL_CHANNELS_* and ENL_ALPHA_*.
 *
 *
 * ERRORS
 *
 * A status is 0 (ENL_OK) or negative; enl_status_name names it. enl_last_error copies the sentence of this thread's
 * last failure: what failed, on what, what to try. ENL_CANCELLED is no failure to show. Each function lists what it
 * can return; later versions may return codes that they do not know today, so treat an unknown one as a failure.
 *
 * ENL_ERROR_PANIC is ours, and any function may return it. The object that was used then answers ENL_ERROR_POISONED to
 * all but its _free. A few failures cannot be caught: an engine that cannot get memory may end the process, and a
 * callback must not throw or longjmp.
 *
 *
 * THREADS
 *
 * Different handles: any threads, at the same time. One handle: functions that take it as a pointer to const may be
 * called by several threads at once; the others want it alone and answer ENL_ERROR_BUSY instead of waiting. An upscaler
 * that runs is busy for everybody, its own callbacks included. A cancel may be used by anybody at any time.
 *
 * Callbacks are called on the thread that called the library, and never after that call has returned. A run uses
 * threads of its own inside. It is stopped by its cancel, or by a callback that does not return exactly ENL_CONTINUE,
 * and returns within half a second; a tile that cannot be stopped is finished in the background and dropped.
 *
 *
 * VERSIONS
 *
 * The interface has a version, ENL_ABI_VERSION, which is in the library's file name. Within it functions, constants and
 * options are added, never changed or taken away; structs never grow. "Since" says with which version of the library a
 * function came; ENL_VERSION is this header's, enl_version the loaded library's. A program that loads the library by
 * itself calls enl_abi_version first.
 */

#ifndef ENLARGER_H
#define ENLARGER_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && !defined(ENL_STATIC)
#define ENL_API __declspec(dllimport)
#else
#define ENL_API
#endif

/* Versions ------------------------------------------------------------------------------------------------------ */

/**
 * The version of the interface that this header describes. It changes only when programs must be built anew, and
 * is in the library's file name.
 */
#define ENL_ABI_VERSION 1

/** The version of the library that this header came with: major * 1000000 + minor * 1000 + patch. */
#define ENL_VERSION 1000

/* Statuses, by who can mend them -------------------------------------------------------------------------------- */

/** Done. */
#define ENL_OK 0

/** The caller: NULL where something is needed. */
#define ENL_ERROR_NULL (-1)
/** The caller: a value outside its range. */
#define ENL_ERROR_ARGUMENT (-2)
/** The caller: a buffer or a stride too small for what it should hold. */
#define ENL_ERROR_BUFFER (-3)
/** The caller: a pixel format or an ICC profile that cannot be, or cannot hold what is asked of it. */
#define ENL_ERROR_FORMAT (-4)
/** The caller: the object is in use by another call. */
#define ENL_ERROR_BUSY (-5)
/** The caller: a handle that was freed, is of another kind, or never was one. */
#define ENL_ERROR_BAD_HANDLE (-6)
/** The caller: the object has seen a panic and answers no more; free it. */
#define ENL_ERROR_POISONED (-7)
/** The model: none of that id is installed. */
#define ENL_ERROR_MODEL_NOT_FOUND (-20)
/** The model: its manifest or its network is damaged or wrong. */
#define ENL_ERROR_MODEL_INVALID (-21)
/** The model: the network does not do what its manifest says. */
#define ENL_ERROR_MODEL_CONTRACT (-22)
/** The model: the network's file is not the one that the manifest names. */
#define ENL_ERROR_MODEL_HASH (-23)
/** The engine: none of that name is here, or none can run the model. */
#define ENL_ERROR_ENGINE_NOT_FOUND (-40)
/** The engine: its library is too old, too new or not the right file. */
#define ENL_ERROR_ENGINE_VERSION (-41)
/** The engine: the device is missing or failed. */
#define ENL_ERROR_DEVICE (-42)
/** The engine: it failed while running. */
#define ENL_ERROR_INFERENCE (-43)
/** The engine: what it made failed verification, in full precision and on the CPU too. */
#define ENL_ERROR_OUTPUT (-44)
/** The machine: reading or writing failed. */
#define ENL_ERROR_IO (-60)
/** The machine: not enough memory, or more than the option `memory` allows. */
#define ENL_ERROR_MEMORY (-61)
/** The machine: a limit was hit that keeps it usable. */
#define ENL_ERROR_LIMIT (-62)

/** Stopped by a cancel, or by a callback that did not return ENL_CONTINUE. Not a failure to report. */
#define ENL_CANCELLED (-80)

/** Us: a panic, here or in an engine. The object that was used answers ENL_ERROR_POISONED from now on. */
#define ENL_ERROR_PANIC (-90)
/** Us: a defect; please report it. */
#define ENL_ERROR_INTERNAL (-91)

/* Log levels ---------------------------------------------------------------------------------------------------- */

/** A log level: what a user should know, such as a tile that needed a second try. */
#define ENL_LOG_WARNING 1
/** A log level: what was chosen and why. Includes warnings. */
#define ENL_LOG_INFO 2

/* Pixel formats: one ENL_SAMPLE_* + one ENL_CHANNELS_* (+ ENL_ALPHA_PREMULTIPLIED) ------------------------------ */

/** A sample of 8 bits: 0 to 255. */
#define ENL_SAMPLE_U8 1
/** A sample of 16 bits in native byte order: 0 to 65535. */
#define ENL_SAMPLE_U16 2
/** A half float (IEEE 754 binary16) in native byte order: 0.0 is black, 1.0 white; values beyond are kept. */
#define ENL_SAMPLE_F16 3
/** A float (IEEE 754 binary32) in native byte order: 0.0 is black, 1.0 white; values beyond are kept. */
#define ENL_SAMPLE_F32 4

/** Channels in memory: gray. */
#define ENL_CHANNELS_GRAY 16
/** Channels in memory: gray, alpha. */
#define ENL_CHANNELS_GRAY_ALPHA 32
/** Channels in memory: red, green, blue. */
#define ENL_CHANNELS_RGB 48
/** Channels in memory: red, green, blue, alpha. */
#define ENL_CHANNELS_RGBA 64
/** Channels in memory: blue, green, red, alpha. */
#define ENL_CHANNELS_BGRA 80

/**
 * Added where colour is stored times alpha. Without it colour is stored as it is. The product is of encoded values.
 */
#define ENL_ALPHA_PREMULTIPLIED 256

/* Callbacks ----------------------------------------------------------------------------------------------------- */

/** What a callback returns to go on. Any other value stops the run, which then returns ENL_CANCELLED. */
#define ENL_CONTINUE 1

/** A phase of a run: getting ready. */
#define ENL_PHASE_PREPARE 0
/** A phase of a run: the network works on tiles; finished rows go out meanwhile. */
#define ENL_PHASE_TILES 1
/** A phase of a run: the last rows go out. */
#define ENL_PHASE_FINISH 2

/** A wish to stop. Give it to runs; raise it from any thread. */
typedef struct enl_cancel enl_cancel;

/** What is wanted: preset, model, size, engine and the rest, by key. */
typedef struct enl_options enl_options;

/** The models, engines and devices of this machine. */
typedef struct enl_registry enl_registry;

/** A preset or a model on an engine, ready to run. */
typedef struct enl_upscaler enl_upscaler;

/**
 * Takes a message.
 *
 * @param user_data  What was given with the callback.
 * @param level      ENL_LOG_WARNING or ENL_LOG_INFO.
 * @param message    One UTF-8 sentence; valid until the callback returns.
 *
 * Called on the thread whose call has something to say, never by two threads at once. It must not throw, and
 * should be quick. It must not wait for another thread that calls this library: that thread may be waiting until
 * this callback returns. Calls of this library from inside it work, but say nothing.
 */
typedef void (*enl_log_callback)(void *user_data, int32_t level, const char *message);

/** A rectangle of whole pixels. This struct will never change. */
typedef struct enl_rect {
  /** The left column. */
  uint32_t x;
  /** The top row. */
  uint32_t y;
  /** Columns; at least 1. */
  uint32_t width;
  /** Rows; at least 1. */
  uint32_t height;
} enl_rect;

/** What a run will do. You give the memory; the library fills all of it. */
typedef struct enl_plan {
  /** The width of the result (of the rectangle's, where one is wanted), in pixels. */
  uint32_t width;
  /** The height of the result. */
  uint32_t height;
  /** The part of the source that will be read, or a little less where it has no transparency. */
  enl_rect read;
  /** Network passes one after another; 0 where resampling alone is enough. */
  uint32_t passes;
  /** The width of the largest tile, halo included; 0 without a network. */
  uint32_t tile_width;
  /** Its height. */
  uint32_t tile_height;
  /** 0 today; to be ignored. */
  uint32_t reserved;
  /** Tiles, all passes together. */
  uint64_t tiles;
  /** Pixels that the network will see, halos included. Time grows with them. */
  uint64_t network_pixels;
  /** Bytes of memory that the run is expected to take at most, the source and the result not counted. */
  uint64_t memory;
  /** 0 today; to be ignored. */
  uint64_t future[4];
} enl_plan;

/** Pixels in your memory, to read or to write. This struct will never change. */
typedef struct enl_view {
  /** The first pixel of the first row. Any alignment will do. */
  void *data;
  /** Bytes that may be read or written from `data` on. */
  size_t size;
  /** Bytes from a row to the next; at least a row. The last row needs no padding. */
  size_t stride;
  /** Pixels from left to right; 1 to 1048576. */
  uint32_t width;
  /** Rows from top to bottom; 1 to 1048576. */
  uint32_t height;
  /** One ENL_SAMPLE_* + one ENL_CHANNELS_* (+ ENL_ALPHA_PREMULTIPLIED). */
  int32_t format;
  /** Must be 0. */
  uint32_t reserved;
} enl_view;

/** How far a run is. Nothing in it goes backwards during a run. */
typedef struct enl_progress {
  /** Tiles done. */
  uint64_t tiles_done;
  /** Tiles in all; 0 where no network is needed. */
  uint64_t tiles_total;
  /** Rows of the result that went out. */
  uint32_t rows_done;
  /** Rows of the result. */
  uint32_t rows_total;
  /** ENL_PHASE_PREPARE, ENL_PHASE_TILES or ENL_PHASE_FINISH. */
  int32_t phase;
  /** 0 today; to be ignored. */
  uint32_t reserved;
} enl_progress;

/**
 * Takes a report, and says whether to go on.
 *
 * @param user_data  What was given with the callback.
 * @param progress   The report; valid until the callback returns.
 * @return ENL_CONTINUE to go on; anything else stops the run.
 *
 * Called on the thread that runs, at least ten times a second while the network works, never after the run has
 * returned. A program may use it to look after its user interface. It must not throw.
 */
typedef int32_t (*enl_progress_callback)(void *user_data, const enl_progress *progress);

/**
 * Gives pixels of a row of the source.
 *
 * Rows are asked for in ascending order, each at most once; `x` and `size` are the same in the whole run. Where a
 * rectangle is wanted, rows and columns that it does not need are left out.
 *
 * @param user_data  The source's.
 * @param x          The first column.
 * @param y          The row.
 * @param row        Out: where the pixels go.
 * @param size       Bytes that are wanted: a whole number of pixels.
 * @return ENL_CONTINUE to go on; anything else stops the run.
 *
 * Called on the thread that runs, never after the run has returned. It must not throw.
 */
typedef int32_t (*enl_read_callback)(void *user_data, uint32_t x, uint32_t y, void *row, size_t size);

/** Where rows come from. This struct will never change. */
typedef struct enl_source {
  /** Gives the rows. */
  enl_read_callback read;
  /** Given to `read`. */
  void *user_data;
  /** The width of the whole picture, whatever part of it is wanted; 1 to 1048576. */
  uint32_t width;
  /** The height of the whole picture; 1 to 1048576. */
  uint32_t height;
  /** One ENL_SAMPLE_* + one ENL_CHANNELS_* (+ ENL_ALPHA_PREMULTIPLIED). */
  int32_t format;
  /** Must be 0. */
  uint32_t reserved;
} enl_source;

/**
 * Takes a row of the result. Rows come from the first to the last, each once.
 *
 * @param user_data  The sink's.
 * @param y          The row.
 * @param row        The pixels; valid until the callback returns.
 * @param size       Their bytes: a whole row without padding.
 * @return ENL_CONTINUE to go on; anything else stops the run.
 *
 * Called on the thread that runs, never after the run has returned. It must not throw.
 */
typedef int32_t (*enl_write_callback)(void *user_data, uint32_t y, const void *row, size_t size);

/** Where rows go. This struct will never change. */
typedef struct enl_sink {
  /** Takes the rows. */
  enl_write_callback write;
  /** Given to `write`. */
  void *user_data;
  /** The width of the result, as the plan says. */
  uint32_t width;
  /** The height of the result, as the plan says. */
  uint32_t height;
  /** One ENL_SAMPLE_* + one ENL_CHANNELS_* (+ ENL_ALPHA_PREMULTIPLIED). */
  int32_t format;
  /** Must be 0. */
  uint32_t reserved;
} enl_sink;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* Version ------------------------------------------------------------------------------------------------------- */

/**
 * The version of the library that is loaded, which may be newer than this header.
 *
 * @return major * 1000000 + minor * 1000 + patch: 1002003 for 1.2.3.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API uint32_t enl_version(void);

/**
 * The version of the library that is loaded, as a text: "1.2.3".
 *
 * @return A text of the library's, valid for ever, never NULL.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API const char *enl_version_string(void);

/**
 * The version of the interface that the loaded library keeps. A program that loads the library by itself compares
 * it with ENL_ABI_VERSION before it calls anything else.
 *
 * @return ENL_ABI_VERSION of the library.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API uint32_t enl_abi_version(void);

/* Statuses and errors ------------------------------------------------------------------------------------------- */

/**
 * The name of a status code, such as "ENL_ERROR_MEMORY".
 *
 * @param status  What a function returned.
 * @return A text of the library's, valid for ever, never NULL; "unknown status" for a number that is none.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API const char *enl_status_name(int32_t status);

/**
 * Copies the sentence of this thread's last failure: what failed, on what, what to try.
 *
 * A call that succeeds leaves it as it is. A sentence that does not fit is cut off at a whole character; it ends
 * with a NUL wherever `size` is not 0.
 *
 * @param buffer  Where the sentence goes, UTF-8; NULL to ask only for its length.
 * @param size    Bytes of `buffer`, the NUL included.
 * @return The length of the whole sentence in bytes, without the NUL; 0 if nothing has failed on this thread.
 *
 * Threads: any; each has its own sentence. Since: 0.1.
 */
ENL_API size_t enl_last_error(char *buffer, size_t size);

/* Log ----------------------------------------------------------------------------------------------------------- */

/**
 * Sets who takes the library's messages, for the whole process. Before the first call nobody does.
 *
 * When this returns, the callback that was there before is not called any more.
 *
 * @param level      The least important level that is wanted: ENL_LOG_WARNING or ENL_LOG_INFO. Any with NULL.
 * @param callback   The taker; NULL for nobody.
 * @param user_data  Given to the callback; must live as long as the callback is set.
 * @return ENL_OK, ENL_ERROR_ARGUMENT for another level, ENL_ERROR_BUSY from inside a log callback.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API int32_t enl_log_set(int32_t level, enl_log_callback callback, void *user_data);

/* Registry: models, engines, devices ---------------------------------------------------------------------------- */

/**
 * Looks for models. Engines and devices are looked for when they are first needed, which takes longer: it loads
 * libraries. What cannot be used is said to the log.
 *
 * Models are searched for in `folders`, in the folders that the environment variable ENLARGER_MODELS names, in the
 * user's data folder, in the system's, and inside the library; the first of an id counts. One model is always
 * there.
 *
 * @param folders   Paths, UTF-8, of folders that hold a folder for each model; NULL if `count` is 0.
 * @param count     How many.
 * @param registry  Out: the new handle, to be freed with enl_registry_free; NULL on failure.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for a path that is not UTF-8, ENL_ERROR_LIMIT.
 *
 * Threads: any. The registry may be used by several threads at once. Since: 0.1.
 */
ENL_API int32_t enl_registry_new(const char *const *folders, size_t count, enl_registry **registry);

/**
 * How many models there are.
 *
 * @param registry  The handle.
 * @param count     Out: models. Their indices are 0 to count - 1.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any, several at once. Since: 0.1.
 */
ENL_API int32_t enl_registry_model_count(const enl_registry *registry, size_t *count);

/**
 * What is known of a model.
 *
 * Properties: "id", what the option `model` takes; "name", for people; "version"; "task": upscale, restore or
 * face; "mode": faithful or creative; "content": what it is for, words separated by commas; "architecture";
 * "scale": its own factor, a whole number; "licence", of the weights, an SPDX identifier; "commercial": yes or no;
 * "attribution"; "author"; "source"; "training_data"; "known_limits"; "sha256"; "origin": where it was found.
 *
 * @param registry  The handle.
 * @param index     From 0.
 * @param property  One of those above.
 * @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
 * @param size      Bytes of `buffer`, the NUL included.
 * @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
 *                  is not.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for another index or property, ENL_ERROR_BUFFER if the buffer
 *         is too small (it is left alone), ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any, several at once. Since: 0.1.
 */
ENL_API
int32_t enl_registry_model_text(const enl_registry *registry,
                                size_t index,
                                const char *property,
                                char *buffer,
                                size_t size,
                                size_t *length);

/**
 * How many engines the library knows, those that are not here included.
 *
 * @param registry  The handle.
 * @param count     Out: engines. Their indices are 0 to count - 1, the fastest first.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any, several at once. The first call looks for engines and may take a fifth of a second. Since: 0.1.
 */
ENL_API int32_t enl_registry_engine_count(const enl_registry *registry, size_t *count);

/**
 * What is known of an engine.
 *
 * Properties: "id", what the option `engine` takes; "version", empty if the engine is not here; "problem": why it
 * is not here and what to do about it, empty if it is.
 *
 * @param registry  The handle.
 * @param index     From 0.
 * @param property  One of those above.
 * @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
 * @param size      Bytes of `buffer`, the NUL included.
 * @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
 *                  is not.
 * @return As enl_registry_model_text.
 *
 * Threads: any, several at once. Since: 0.1.
 */
ENL_API
int32_t enl_registry_engine_text(const enl_registry *registry,
                                 size_t index,
                                 const char *property,
                                 char *buffer,
                                 size_t size,
                                 size_t *length);

/**
 * How many devices the engines can use here.
 *
 * @param registry  The handle.
 * @param count     Out: devices. Their indices are 0 to count - 1, by engine, each engine's best first.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any, several at once. The first call looks for engines and may take a fifth of a second. Since: 0.1.
 */
ENL_API int32_t enl_registry_device_count(const enl_registry *registry, size_t *count);

/**
 * What is known of a device.
 *
 * Properties: "id", what the option `device` takes; "name", for people; "engine": the id of the engine that uses
 * it.
 *
 * @param registry  The handle.
 * @param index     From 0.
 * @param property  One of those above.
 * @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
 * @param size      Bytes of `buffer`, the NUL included.
 * @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
 *                  is not.
 * @return As enl_registry_model_text.
 *
 * Threads: any, several at once. Since: 0.1.
 */
ENL_API
int32_t enl_registry_device_text(const enl_registry *registry,
                                 size_t index,
                                 const char *property,
                                 char *buffer,
                                 size_t size,
                                 size_t *length);

/**
 * Frees a registry. What was made with it goes on working.
 *
 * @param registry  The handle; NULL is fine.
 * @return ENL_OK, ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API int32_t enl_registry_free(enl_registry *registry);

/* Options ------------------------------------------------------------------------------------------------------- */

/**
 * Makes options with the defaults.
 *
 * @param registry  Says which models, engines and devices there are. It may be freed before the options.
 * @param options   Out: the new handle, to be freed with enl_options_free; NULL on failure.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_LIMIT.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API int32_t enl_options_new(const enl_registry *registry, enl_options **options);

/**
 * Sets an option by a text, whatever its type (but not bytes): "4", "2.5" with a point in every language, "on" or
 * "off".
 *
 * Whether an engine or a device is here shows when it is opened; everything else is checked at once.
 *
 * @param options  The handle.
 * @param key      The option.
 * @param value    The value, UTF-8; it is copied.
 * @return ENL_OK; ENL_ERROR_ARGUMENT for a key that is none, a value of another type or outside its range;
 *         ENL_ERROR_MODEL_NOT_FOUND; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
 *
 * Threads: any, one at a time. Since: 0.1.
 */
ENL_API int32_t enl_options_set(enl_options *options, const char *key, const char *value);

/**
 * Sets an option of the type integer, float or (by 0 and 1) boolean.
 *
 * @param options  The handle.
 * @param key      The option.
 * @param value    The value.
 * @return As enl_options_set.
 *
 * Threads: any, one at a time. Since: 0.1.
 */
ENL_API int32_t enl_options_set_integer(enl_options *options, const char *key, int64_t value);

/**
 * Sets an option of the type float.
 *
 * @param options  The handle.
 * @param key      The option.
 * @param value    The value; not a NaN.
 * @return As enl_options_set.
 *
 * Threads: any, one at a time. Since: 0.1.
 */
ENL_API int32_t enl_options_set_float(enl_options *options, const char *key, double value);

/**
 * Sets an option of the type bytes, such as "icc_profile".
 *
 * @param options  The handle.
 * @param key      The option.
 * @param data     The bytes; they are copied. NULL if `size` is 0.
 * @param size     How many; at most 64 MiB.
 * @return As enl_options_set; ENL_ERROR_BUFFER if there are too many.
 *
 * Threads: any, one at a time. Since: 0.1.
 */
ENL_API int32_t enl_options_set_bytes(enl_options *options, const char *key, const void *data, size_t size);

/**
 * Sets an option back to its default.
 *
 * @param options  The handle.
 * @param key      The option.
 * @return ENL_OK, ENL_ERROR_ARGUMENT for a key that is none, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
 *
 * Threads: any, one at a time. Since: 0.1.
 */
ENL_API int32_t enl_options_reset(enl_options *options, const char *key);

/**
 * How many options there are.
 *
 * @param options  The handle.
 * @param count    Out: options. Their indices are 0 to count - 1, in the order in which a dialog would show them.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
 *
 * Threads: any, several at once. Since: 0.1.
 */
ENL_API int32_t enl_options_count(const enl_options *options, size_t *count);

/**
 * The key of an option by its index.
 *
 * @param options  The handle.
 * @param index    From 0.
 * @param buffer   Where the key goes, UTF-8; NULL to ask only for its length.
 * @param size     Bytes of `buffer`, the NUL included.
 * @param length   Out: the key's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer` is
 *                 not.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for another index, ENL_ERROR_BUFFER if the buffer is too
 *         small (it is left alone), ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
 *
 * Threads: any, several at once. Since: 0.1.
 */
ENL_API
int32_t enl_options_key(const enl_options *options,
                        size_t index,
                        char *buffer,
                        size_t size,
                        size_t *length);

/**
 * Describes an option for a dialog, for the preset or model that is chosen in these options.
 *
 * Properties:
 * - "type": choice, integer, float, boolean or bytes.
 * - "group": where a dialog shows it. "size": the size of the result; "main": what most people choose; "more": shown
 *   on request; "host": not shown, because the host program sets it itself.
 * - "scope": "upscaler" if it is fixed when an upscaler is created, "run" if it can differ for each plan and run.
 * - "label": a word or two. "help": a sentence or two. "unit": of a number; may be empty.
 * - "default": the default, as enl_options_set takes it; empty for bytes.
 * - "minimum", "maximum": of an integer or a float; otherwise empty.
 * - "choices", "choice_labels", "choice_help": of a choice, with one line for each value: the value, its label, and
 *   what it is for, which may be an empty line.
 * - "applies": "yes", or "no" if the preset or model does not use the option.
 * - "value": the current value, or the default if none is set; for bytes, their number.
 *
 * @param options   The handle.
 * @param key       The option.
 * @param property  One of those above.
 * @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
 * @param size      Bytes of `buffer`, the NUL included.
 * @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
 *                  is not.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for another key or property, ENL_ERROR_BUFFER if the buffer
 *         is too small (it is left alone), ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY.
 *
 * Threads: any, several at once. The first look at "engine" or "device" may take a fifth of a second. Since: 0.1.
 */
ENL_API
int32_t enl_options_describe(const enl_options *options,
                             const char *key,
                             const char *property,
                             char *buffer,
                             size_t size,
                             size_t *length);

/**
 * Frees options. Upscalers that were made with them go on working.
 *
 * @param options  The handle; NULL is fine.
 * @return ENL_OK, ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API int32_t enl_options_free(enl_options *options);

/* Upscaler: a model opened on an engine ------------------------------------------------------------------------- */

/**
 * Opens a preset's networks, or a model that is named, on an engine. That takes a fraction of a second; keep the
 * upscaler for many pictures.
 *
 * What a preset comes to depends on the factor. Here it is opened for the factor in the options; a plan or a run that
 * wants others opens them then, once, and may fail as this function.
 *
 * Which engine was taken, and why, is said to the log and by enl_upscaler_text. A named engine or device is taken
 * or refused, never replaced.
 *
 * @param registry  Where the model and the engines are. It may be freed before the upscaler.
 * @param options   What is wanted; NULL for the defaults. They are copied; their later changes count only where
 *                  they are given to a plan or a run.
 * @param upscaler  Out: the new handle, to be freed with enl_upscaler_free; NULL on failure.
 * @return ENL_OK; ENL_ERROR_MODEL_NOT_FOUND, ENL_ERROR_MODEL_INVALID, ENL_ERROR_MODEL_CONTRACT,
 *         ENL_ERROR_MODEL_HASH; ENL_ERROR_ENGINE_NOT_FOUND, ENL_ERROR_ENGINE_VERSION, ENL_ERROR_DEVICE,
 *         ENL_ERROR_INFERENCE; ENL_ERROR_IO, ENL_ERROR_MEMORY, ENL_ERROR_LIMIT; ENL_ERROR_NULL,
 *         ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY; ENL_ERROR_PANIC.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API
int32_t enl_upscaler_new(const enl_registry *registry,
                         const enl_options *options,
                         enl_upscaler **upscaler);

/**
 * What an upscaler is, and what its last plan or run was like.
 *
 * Properties: "preset": its id, empty where a model was named; "factor": how many times wider and higher where nobody
 * says it; "model": its id, of several that run after one another with commas between; "scale": the first model's own
 * factor; "engine": what it runs on, an id; "engine_version"; "device": its id; "device_name"; "reason": which engine was
 * taken and why; "notes": what is not as good as it could be, such as a model that is not installed, and what went
 * otherwise than planned, a sentence a line, often none. Models and notes are those of the last plan or run; a preset
 * may take others for another factor.
 *
 * @param upscaler  The handle.
 * @param property  One of those above.
 * @param buffer    Where the text goes, UTF-8; NULL to ask only for its length.
 * @param size      Bytes of `buffer`, the NUL included.
 * @param length    Out: the text's length without the NUL, also with ENL_ERROR_BUFFER. May be NULL where `buffer`
 *                  is not.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_ARGUMENT for another property, ENL_ERROR_BUFFER if the buffer is too
 *         small (it is left alone), ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY, ENL_ERROR_POISONED.
 *
 * Threads: any, several at once, but not while the upscaler runs. Since: 0.1.
 */
ENL_API
int32_t enl_upscaler_text(const enl_upscaler *upscaler,
                          const char *property,
                          char *buffer,
                          size_t size,
                          size_t *length);

/**
 * Frees an upscaler. A run that is under way on another thread goes on to its end.
 *
 * @param upscaler  The handle; NULL is fine.
 * @return ENL_OK, ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API int32_t enl_upscaler_free(enl_upscaler *upscaler);

/* Plan ---------------------------------------------------------------------------------------------------------- */

/**
 * Says what a run would do with a picture of this size: how large the result is, how much memory it takes. Takes
 * microseconds, unless a preset wants another network than before, which is then opened; nothing runs.
 *
 * @param upscaler  The handle.
 * @param options   What is wanted; NULL for what the upscaler was made with.
 * @param width     The width of the whole source, in pixels; 1 to 1048576.
 * @param height    The height of the whole source.
 * @param rect      The part of the source that is wanted; NULL for all of it. The result is then that part of the
 *                  whole result.
 * @param plan      Out.
 * @return ENL_OK; ENL_ERROR_ARGUMENT for a size, a rectangle or an option that cannot be; ENL_ERROR_LIMIT for a
 *         picture too large; ENL_ERROR_MEMORY if the run cannot be made to fit; as enl_upscaler_new where a preset
 *         wants another network; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY, ENL_ERROR_POISONED.
 *
 * Threads: any, several at once, but not while the upscaler runs. Since: 0.1.
 */
ENL_API
int32_t enl_upscaler_plan(const enl_upscaler *upscaler,
                          const enl_options *options,
                          uint32_t width,
                          uint32_t height,
                          const enl_rect *rect,
                          enl_plan *plan);

/* Cancel -------------------------------------------------------------------------------------------------------- */

/**
 * Makes a cancel that nobody has raised. One may serve several runs, which it then stops together.
 *
 * @param cancel  Out: the new handle, to be freed with enl_cancel_free; NULL on failure.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_LIMIT.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API int32_t enl_cancel_new(enl_cancel **cancel);

/**
 * Asks every run that holds the cancel to stop. The runs answer within half a second with ENL_CANCELLED. It cannot
 * be taken back; doing it again does nothing.
 *
 * Not for signal handlers: it takes a lock. Let a thread wait for the signal (sigwait) and call this.
 *
 * @param cancel  The handle.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any, any time, also from a callback. Since: 0.1.
 */
ENL_API int32_t enl_cancel_request(const enl_cancel *cancel);

/**
 * Whether somebody has asked to stop.
 *
 * @param cancel     The handle.
 * @param requested  Out: 1 if so, 0 if not.
 * @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any, any time. Since: 0.1.
 */
ENL_API int32_t enl_cancel_is_requested(const enl_cancel *cancel, int32_t *requested);

/**
 * Frees a cancel. Runs that hold it go on, and can no longer be stopped by it.
 *
 * @param cancel  The handle; NULL is fine.
 * @return ENL_OK, ENL_ERROR_BAD_HANDLE.
 *
 * Threads: any. Since: 0.1.
 */
ENL_API int32_t enl_cancel_free(enl_cancel *cancel);

/* Run ----------------------------------------------------------------------------------------------------------- */

/**
 * Enlarges pixels in memory (or restores them, at a factor of 1).
 *
 * A preset that goes by the picture's wear looks at all of the source first, unless the option "denoise" is set.
 *
 * Ask enl_upscaler_plan for the result's size first. The result may have another format than the source; it has
 * its colour space. Colour does not fit into gray, nor transparency into a format without alpha.
 *
 * @param upscaler   The handle.
 * @param options    What is wanted; NULL for what the upscaler was made with.
 * @param source     The whole source, whatever part of it is wanted. It is only read.
 * @param rect       The part of the source that is wanted; NULL for all of it. The result is then that part of the
 *                   whole result: from the source's edges times the factor, rounded, to the same.
 * @param cancel     Stops the run from another thread; NULL for none.
 * @param progress   Told how far it is; NULL for nobody.
 * @param user_data  Given to `progress`.
 * @param target     Where the result goes; it must not overlap with the source. After a failure its content is of
 *                   no meaning.
 * @return ENL_OK; ENL_CANCELLED; ENL_ERROR_ARGUMENT for a rectangle, an option or views that cannot be,
 *         ENL_ERROR_BUFFER for a buffer or stride too small or a target of another size than the plan's,
 *         ENL_ERROR_FORMAT for a format or a profile that cannot be or does not fit, ENL_ERROR_LIMIT for a picture
 *         too large; ENL_ERROR_MEMORY; ENL_ERROR_INFERENCE, ENL_ERROR_DEVICE, ENL_ERROR_MODEL_CONTRACT,
 *         ENL_ERROR_OUTPUT; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY, ENL_ERROR_POISONED;
 *         ENL_ERROR_PANIC, ENL_ERROR_INTERNAL.
 *
 * Threads: any, one at a time for an upscaler; upscalers run beside each other. Since: 0.1.
 */
ENL_API
int32_t enl_upscaler_run(enl_upscaler *upscaler,
                         const enl_options *options,
                         const enl_view *source,
                         const enl_rect *rect,
                         const enl_cancel *cancel,
                         enl_progress_callback progress,
                         void *user_data,
                         const enl_view *target);

/**
 * Enlarges a picture row by row, as enl_upscaler_run, in memory that follows its width and not its height.
 *
 * Rows come once, so that a preset that goes by the picture's wear cannot look at it here: ask enl_upscaler_measure
 * first. Without that it takes a middle level, and says so in the notes.
 *
 * @param upscaler   The handle.
 * @param options    What is wanted; NULL for what the upscaler was made with.
 * @param source     Where rows come from.
 * @param rect       The part of the source that is wanted; NULL for all of it.
 * @param cancel     Stops the run from another thread; NULL for none.
 * @param progress   Told how far it is; NULL for nobody.
 * @param user_data  Given to `progress`; source and sink have their own.
 * @param sink       Where rows go. After a failure it has had only some of them.
 * @return As enl_upscaler_run; ENL_CANCELLED also if a callback did not return ENL_CONTINUE.
 *
 * Threads: any, one at a time for an upscaler; upscalers run beside each other. Since: 0.1.
 */
ENL_API
int32_t enl_upscaler_stream(enl_upscaler *upscaler,
                            const enl_options *options,
                            const enl_source *source,
                            const enl_rect *rect,
                            const enl_cancel *cancel,
                            enl_progress_callback progress,
                            void *user_data,
                            const enl_sink *sink);

/**
 * Looks how worn a picture is, for a preset that goes by that: how noisy it is, and whether it went through JPEG.
 *
 * What it finds is the value for the option "denoise" of a run that streams the same picture. All rows are asked for,
 * whole, from the first to the last, each once; a picture of less than three rows tells nothing, so that none of its are,
 * and the level is 0. Where the preset does not go by the picture, a model is named, the option "denoise" is set, or no
 * network runs, because the factor is below 1 or the option "strength" is 0, nothing is read and the level is -1.
 *
 * @param upscaler  The handle.
 * @param options   What is wanted; NULL for what the upscaler was made with.
 * @param source    Where rows come from.
 * @param cancel    Stops the look from another thread; NULL for none.
 * @param denoise   Out: the level, 0 to 100; or -1.
 * @return ENL_OK; ENL_CANCELLED, also if a callback did not return ENL_CONTINUE; ENL_ERROR_ARGUMENT,
 *         ENL_ERROR_FORMAT, ENL_ERROR_MEMORY; ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE, ENL_ERROR_BUSY,
 *         ENL_ERROR_POISONED; ENL_ERROR_PANIC.
 *
 * Threads: any, several at once, but not while the upscaler runs. Since: 0.1.
 */
ENL_API
int32_t enl_upscaler_measure(const enl_upscaler *upscaler,
                             const enl_options *options,
                             const enl_source *source,
                             const enl_cancel *cancel,
                             int32_t *denoise);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* ENLARGER_H */
