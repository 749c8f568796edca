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
