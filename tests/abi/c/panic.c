/* Panics in engines: the call returns PANIC, and later calls return POISONED. Free works, and other objects are
 * unaffected. */
#include <stdio.h>

#include "check.h"
#include "room.h"
#include "set.h"
#include "stream.h"
#include "suite.h"

void abi_devices_panic(int on);

static void in_a_run(void) {
    struct set set = set_up("panic");
    enl_upscaler *other = set_upscaler(&set, "plain");
    enl_view source = set_source(), target = set_target();
    enl_plan *plan = room(sizeof *plan);
    size_t *length = room(sizeof *length);
    for (int form = 0; form < 2; form++) {
        struct stream s = {.set = &set};
        enl_upscaler *broken = set_upscaler(&set, "panic");
        check_row(form ? "stream" : "run");
        if (form) expect(ENL_ERROR_PANIC, stream_run(&s, broken, NULL, NULL));
        else expect(ENL_ERROR_PANIC, enl_upscaler_run(broken, NULL, &source, NULL, NULL, NULL, NULL, &target));
        for (int i = 0; i < 2; i++) {
            expect(ENL_ERROR_POISONED, enl_upscaler_run(broken, NULL, &source, NULL, NULL, NULL, NULL, &target));
            expect(ENL_ERROR_POISONED, stream_run(&s, broken, NULL, NULL));
            expect(ENL_ERROR_POISONED, enl_upscaler_plan(broken, NULL, 1, 1, NULL, plan));
            expect(ENL_ERROR_POISONED, enl_upscaler_text(broken, "model", NULL, 0, length));
        }
        expect(ENL_OK, enl_upscaler_free(broken));
        expect(ENL_ERROR_BAD_HANDLE, enl_upscaler_free(broken));
        expect(ENL_ERROR_BAD_HANDLE, enl_upscaler_plan(broken, NULL, 1, 1, NULL, plan));
    }
    check(room_untouched(plan, sizeof *plan) && room_untouched(length, sizeof *length));

    check_row("others");
    expect(ENL_OK, enl_upscaler_run(other, NULL, &source, NULL, set.cancel, NULL, NULL, &target));
    check(set_right(&target));
    expect(ENL_OK, enl_upscaler_plan(set.upscaler, NULL, 1, 1, NULL, plan));
    expect(ENL_OK, enl_options_set(set.options, "tile", "1"));
    expect(ENL_OK, enl_upscaler_free(other));
    set_down(&set);
}

/* After failures other than panics, the upscaler stays usable. */
static void in_an_engine(void) {
    static const struct {
        const char *engine;
        int32_t status;
    } engines[] = {{"error", ENL_ERROR_DEVICE}, {"nan", ENL_ERROR_OUTPUT}};
    enl_view source = set_source(), target = set_target();
    for (size_t i = 0; i < 2; i++) {
        struct set set = set_up(engines[i].engine);
        check_row(engines[i].engine);
        for (int k = 0; k < 2; k++) {
            expect(engines[i].status, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));
        }
        check(room_untouched(target.data, target.size));
        set_down(&set);
    }
}

/* While an upscaler is created, there is no object yet that could be poisoned. */
static void when_opened(void) {
    struct set set = set_up("plain");
    enl_upscaler *upscaler = set.upscaler;
    enl_plan plan;
    check_row("opening");
    expect(ENL_OK, enl_options_set(set.options, "engine", "closed"));
    expect(ENL_ERROR_PANIC, enl_upscaler_new(set.registry, set.options, &upscaler));
    check(upscaler == NULL);
    expect(ENL_OK, enl_options_set(set.options, "engine", "plain"));
    expect(ENL_OK, enl_upscaler_new(set.registry, set.options, &upscaler));
    expect(ENL_OK, enl_upscaler_plan(upscaler, set.options, 1, 1, NULL, &plan));
    expect(ENL_OK, enl_upscaler_free(upscaler));
    set_down(&set);
}

/* A registry and options after a panic. */
static void when_asked(void) {
    struct set set = set_up("plain"), other = set_up("plain");
    enl_view source = set_source(), target = set_target();
    enl_options *options = set.options;
    enl_upscaler *upscaler = set.upscaler;
    enl_plan plan;
    size_t n;
    char text[64];
    check_row("options");
    abi_devices_panic(1);
    expect(ENL_ERROR_PANIC, enl_options_describe(set.options, "device", "choices", text, sizeof text, &n));
    expect(ENL_ERROR_POISONED, enl_options_set(set.options, "tile", "1"));
    expect(ENL_ERROR_POISONED, enl_options_set_integer(set.options, "tile", 1));
    expect(ENL_ERROR_POISONED, enl_options_set_float(set.options, "factor", 1));
    expect(ENL_ERROR_POISONED, enl_options_set_bytes(set.options, "icc_profile", NULL, 0));
    expect(ENL_ERROR_POISONED, enl_options_reset(set.options, "tile"));
    expect(ENL_ERROR_POISONED, enl_options_count(set.options, &n));
    expect(ENL_ERROR_POISONED, enl_options_key(set.options, 0, text, sizeof text, &n));
    expect(ENL_ERROR_POISONED, enl_options_describe(set.options, "tile", "label", text, sizeof text, &n));
    expect(ENL_ERROR_POISONED, enl_upscaler_new(set.registry, set.options, &upscaler));
    check(upscaler == NULL);
    expect(ENL_ERROR_POISONED, enl_upscaler_plan(set.upscaler, set.options, 1, 1, NULL, &plan));
    expect(ENL_ERROR_POISONED, enl_upscaler_run(set.upscaler, set.options, &source, NULL, NULL, NULL, NULL, &target));
    /* The upscaler is not poisoned. */
    expect(ENL_OK, enl_upscaler_run(set.upscaler, NULL, &source, NULL, NULL, NULL, NULL, &target));

    check_row("registry");
    expect(ENL_ERROR_PANIC, enl_registry_device_count(set.registry, &n));
    abi_devices_panic(0);
    expect(ENL_ERROR_POISONED, enl_registry_device_count(set.registry, &n));
    expect(ENL_ERROR_POISONED, enl_registry_engine_count(set.registry, &n));
    expect(ENL_ERROR_POISONED, enl_registry_model_count(set.registry, &n));
    expect(ENL_ERROR_POISONED, enl_registry_device_text(set.registry, 0, "id", text, sizeof text, &n));
    expect(ENL_ERROR_POISONED, enl_registry_engine_text(set.registry, 0, "id", text, sizeof text, &n));
    expect(ENL_ERROR_POISONED, enl_registry_model_text(set.registry, 0, "id", text, sizeof text, &n));
    expect(ENL_ERROR_POISONED, enl_options_new(set.registry, &options));
    check(options == NULL);
    expect(ENL_ERROR_POISONED, enl_upscaler_new(set.registry, NULL, &upscaler));
    expect(ENL_OK, enl_registry_device_count(other.registry, &n));
    set_down(&other);
    set_down(&set);
}

void suite_panic(void) {
    fprintf(stderr, "(the panics that follow are meant to happen)\n");
    in_a_run();
    in_an_engine();
    when_opened();
    when_asked();
}
