/* How an engine library is made for Enlarger: one that runs networks, in a library of its own, in C or what speaks C.
 *
 * It exports one function, `const enl_engine *enlarger_engine(void)`, which gives a table that is valid for ever. All
 * pixels are planar 32-bit floats. The host opens the library when the user names its file (`--engine /path/to/file`) or
 * has put it into the folder `engines` beside that of the models; it runs with all rights of the host and is never unloaded.
 *
 * Made by scripts/header from plugins/engine-api. */

#ifndef ENLARGER_ENGINE_H
#define ENLARGER_ENGINE_H

#include <stddef.h>
#include <stdint.h>

/** How a table begins: "ENLENGIN", as a little-endian number. */
#define ENL_ENGINE_MAGIC 5641118409753906757
/** The version of the table. */
#define ENL_ENGINE_VERSION 1
/**
 * Done. Failures are the negative status codes of enlarger.h, `enlarger::ErrorKind::code` in Rust; all but ENL_CANCELLED
 * want a sentence.
 */
#define ENL_ENGINE_OK 0
/** What pull returns for a row that it made. */
#define ENL_ENGINE_ROW 1

/** UTF-8, not ended by a zero. Valid while the call runs that it is passed to, where nothing else is said. */
typedef struct {
  /** The first byte; may be NULL if there is none. */
  const uint8_t *data;
  /** Bytes. */
  size_t size;
} enl_engine_text;

/** Somebody who takes devices. */
typedef struct {
  /** Passed to the function. */
  void *context;
  /** Takes a device: its id, such as cpu or cuda:0, and a name for people. */
  void (*give)(void *context, enl_engine_text id, enl_engine_text name);
} enl_engine_devices;

/** How to open a network. */
typedef struct {
  /** The manifest, as TOML. */
  enl_engine_text manifest;
  /** The network's file, ONNX: bytes, not a text. */
  enl_engine_text network;
  /** The device's id; empty for the engine's best. */
  enl_engine_text device;
  /** 0: the engine's choice; 1: 32-bit floating point throughout; 2: the fastest that is nearly exact. */
  uint32_t precision;
  /** Threads for one tile; 0 for all cores. */
  uint32_t threads;
} enl_engine_options;

/** Somebody who takes the sentence of a failure. Called at most once a call, and only for a failure. */
typedef struct {
  /** Passed to the function. */
  void *context;
  /** Takes the sentence, which says what to do. */
  void (*say)(void *context, enl_engine_text sentence);
} enl_engine_said;

/** How a session likes to be used. All 0 is right too: the host then goes by what suits most. */
typedef struct {
  /** The side of the best tile in pixels, halo included; 0 for 512. */
  uint32_t tile;
  /** Tiles worth running at the same time; 0 for 1. */
  uint32_t parallel;
  /** Pixels that a tile may have; 0 for any number. */
  uint64_t max_tile_pixels;
  /** 1 if a running tile stops when it is cancelled. */
  uint32_t interruptible;
  /** 1 if it computes in 32-bit floating point throughout. */
  uint32_t exact;
} enl_engine_usage;

/** A tensor to read: planar 32-bit floats. */
typedef struct {
  /** The name of the network's input. */
  enl_engine_text name;
  /** Batch, channels, height, width. */
  size_t shape[4];
  /** The values, as many as the shape says. */
  const float *data;
} enl_engine_input;

/** A tensor to fill. */
typedef struct {
  /** The name of the network's output. */
  enl_engine_text name;
  /** Batch, channels, height, width: what the network must give, or the call fails. */
  size_t shape[4];
  /** Room for as many values as the shape says. */
  float *data;
} enl_engine_output;

/** Somebody to call when somebody wants to stop. */
typedef struct {
  /** Passed to the function. */
  const void *context;
  /** Called on the thread that stops; must be quick. */
  void (*call)(const void *context);
} enl_engine_hook;

/** A wish to stop. A long call looks at it, or has itself called. */
typedef struct {
  /** Passed to the functions. */
  const void *context;
  /** Whether somebody wants to stop: 1 or 0. Any thread. */
  uint32_t (*is_cancelled)(const void *context);
  /**
   * Has `hook` called when somebody wants to stop, at once if that has happened, until what this returns is passed
   * to forget.
   */
  void *(*on_cancel)(const void *context, enl_engine_hook hook);
  /** Ends what on_cancel began. The hook is not called any more, nor is it running, when this returns. */
  void (*forget)(void *hook);
} enl_engine_control;

/**
 * An engine: functions, and what is passed to them.
 *
 * All may be called from any thread; those of one session from several at once. None may let a panic or an exception out.
 * close and close_stream are called once, with nothing else running on what they close.
 */
typedef struct {
  /** The number above. */
  uint64_t magic;
  /** The version above. */
  uint32_t version;
  /** Bytes of this structure as the library knows it. */
  uint32_t size;
  /** A short, stable name: lower case letters, digits and hyphens. Valid for ever. */
  enl_engine_text id;
  /** The version of what really runs. Valid for ever. */
  enl_engine_text engine_version;
  /** The engine's own; passed to devices and open. */
  const void *context;
  /** Gives the devices that can be used here, best first. */
  void (*devices)(const void *context, enl_engine_devices devices);
  /** Opens a network and puts the session there. */
  int32_t (*open)(const void *context, const enl_engine_options *options, enl_engine_said said, const void **session);
  /** Ends a session. */
  void (*close)(const void *session);
  /** Gives the device that the session runs on, one. */
  void (*device)(const void *session, enl_engine_devices device);
  /** How the session likes to be used. */
  enl_engine_usage (*usage)(const void *session);
  /** Runs the network once. */
  int32_t (*run)(const void *session,
                 const enl_engine_input *inputs,
                 size_t count,
                 const enl_engine_output *output,
                 const enl_engine_control *control,
                 enl_engine_said said);
  /** Bytes that a row stream over a picture of so many columns takes at most; 0 where tiles are the only way. */
  uint64_t (*stream_memory)(const void *session, size_t width);
  /** Opens a row stream over a picture of so many columns and puts it there; NULL where tiles are the only way. */
  int32_t (*stream)(const void *session, size_t width, enl_engine_said said, void **stream);
  /** Takes the next row: so many values, the channels after one another. */
  int32_t (*push)(void *stream, const float *row, size_t count, const enl_engine_control *control, enl_engine_said said);
  /** No row follows. */
  int32_t (*finish)(void *stream, const enl_engine_control *control, enl_engine_said said);
  /**
   * Fills the next row of the result, so many values, and returns ENL_ENGINE_ROW; ENL_ENGINE_OK if it needs more input
   * first, or none is left.
   */
  int32_t (*pull)(void *stream, float *row, size_t count, const enl_engine_control *control, enl_engine_said said);
  /** Ends a stream. */
  void (*close_stream)(void *stream);
} enl_engine;

#endif  /* ENLARGER_ENGINE_H */
