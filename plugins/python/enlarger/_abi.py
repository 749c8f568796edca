"""The C interface as ctypes sees it: constants, structs, callbacks, functions.

Made by scripts/header from include/enlarger.h; do not edit. It must never hold anything that is not in the header.
"""

from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_double,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)

ENL_ABI_VERSION = 1
ENL_VERSION = 1000
ENL_OK = 0
ENL_ERROR_NULL = -1
ENL_ERROR_ARGUMENT = -2
ENL_ERROR_BUFFER = -3
ENL_ERROR_FORMAT = -4
ENL_ERROR_BUSY = -5
ENL_ERROR_BAD_HANDLE = -6
ENL_ERROR_POISONED = -7
ENL_ERROR_MODEL_NOT_FOUND = -20
ENL_ERROR_MODEL_INVALID = -21
ENL_ERROR_MODEL_CONTRACT = -22
ENL_ERROR_MODEL_HASH = -23
ENL_ERROR_ENGINE_NOT_FOUND = -40
ENL_ERROR_ENGINE_VERSION = -41
ENL_ERROR_DEVICE = -42
ENL_ERROR_INFERENCE = -43
ENL_ERROR_OUTPUT = -44
ENL_ERROR_IO = -60
ENL_ERROR_MEMORY = -61
ENL_ERROR_LIMIT = -62
ENL_CANCELLED = -80
ENL_ERROR_PANIC = -90
ENL_ERROR_INTERNAL = -91
ENL_LOG_WARNING = 1
ENL_LOG_INFO = 2
ENL_SAMPLE_U8 = 1
ENL_SAMPLE_U16 = 2
ENL_SAMPLE_F16 = 3
ENL_SAMPLE_F32 = 4
ENL_CHANNELS_GRAY = 16
ENL_CHANNELS_GRAY_ALPHA = 32
ENL_CHANNELS_RGB = 48
ENL_CHANNELS_RGBA = 64
ENL_CHANNELS_BGRA = 80
ENL_ALPHA_PREMULTIPLIED = 256
ENL_CONTINUE = 1
ENL_PHASE_PREPARE = 0
ENL_PHASE_TILES = 1
ENL_PHASE_FINISH = 2

# Handles are c_void_p: enl_cancel, enl_options, enl_registry, enl_upscaler.


enl_log_callback = CFUNCTYPE(None, c_void_p, c_int32, c_char_p)


class enl_rect(Structure):
    _fields_ = [
        ("x", c_uint32),
        ("y", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
    ]


class enl_plan(Structure):
    _fields_ = [
        ("width", c_uint32),
        ("height", c_uint32),
        ("read", enl_rect),
        ("passes", c_uint32),
        ("tile_width", c_uint32),
        ("tile_height", c_uint32),
        ("reserved", c_uint32),
        ("tiles", c_uint64),
        ("network_pixels", c_uint64),
        ("memory", c_uint64),
        ("future", c_uint64 * 4),
    ]


class enl_view(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("size", c_size_t),
        ("stride", c_size_t),
        ("width", c_uint32),
        ("height", c_uint32),
        ("format", c_int32),
        ("reserved", c_uint32),
    ]


class enl_progress(Structure):
    _fields_ = [
        ("tiles_done", c_uint64),
        ("tiles_total", c_uint64),
        ("rows_done", c_uint32),
        ("rows_total", c_uint32),
        ("phase", c_int32),
        ("reserved", c_uint32),
    ]


enl_progress_callback = CFUNCTYPE(c_int32, c_void_p, POINTER(enl_progress))


enl_read_callback = CFUNCTYPE(c_int32, c_void_p, c_uint32, c_uint32, c_void_p, c_size_t)


class enl_source(Structure):
    _fields_ = [
        ("read", enl_read_callback),
        ("user_data", c_void_p),
        ("width", c_uint32),
        ("height", c_uint32),
        ("format", c_int32),
        ("reserved", c_uint32),
    ]


enl_write_callback = CFUNCTYPE(c_int32, c_void_p, c_uint32, c_void_p, c_size_t)


class enl_sink(Structure):
    _fields_ = [
        ("write", enl_write_callback),
        ("user_data", c_void_p),
        ("width", c_uint32),
        ("height", c_uint32),
        ("format", c_int32),
        ("reserved", c_uint32),
    ]


# Name: (result, parameters)
FUNCTIONS = {
    "enl_version": (c_uint32, []),
    "enl_version_string": (c_char_p, []),
    "enl_abi_version": (c_uint32, []),
    "enl_status_name": (c_char_p, [c_int32]),
    "enl_last_error": (c_size_t, [POINTER(c_char), c_size_t]),
    "enl_log_set": (c_int32, [c_int32, enl_log_callback, c_void_p]),
    "enl_registry_new": (c_int32, [POINTER(c_char_p), c_size_t, POINTER(c_void_p)]),
    "enl_registry_model_count": (c_int32, [c_void_p, POINTER(c_size_t)]),
    "enl_registry_model_text": (
        c_int32,
        [
            c_void_p,
            c_size_t,
            c_char_p,
            POINTER(c_char),
            c_size_t,
            POINTER(c_size_t),
        ],
    ),
    "enl_registry_engine_count": (c_int32, [c_void_p, POINTER(c_size_t)]),
    "enl_registry_engine_text": (
        c_int32,
        [
            c_void_p,
            c_size_t,
            c_char_p,
            POINTER(c_char),
            c_size_t,
            POINTER(c_size_t),
        ],
    ),
    "enl_registry_device_count": (c_int32, [c_void_p, POINTER(c_size_t)]),
    "enl_registry_device_text": (
        c_int32,
        [
            c_void_p,
            c_size_t,
            c_char_p,
            POINTER(c_char),
            c_size_t,
            POINTER(c_size_t),
        ],
    ),
    "enl_registry_free": (c_int32, [c_void_p]),
    "enl_options_new": (c_int32, [c_void_p, POINTER(c_void_p)]),
    "enl_options_set": (c_int32, [c_void_p, c_char_p, c_char_p]),
    "enl_options_set_integer": (c_int32, [c_void_p, c_char_p, c_int64]),
    "enl_options_set_float": (c_int32, [c_void_p, c_char_p, c_double]),
    "enl_options_set_bytes": (c_int32, [c_void_p, c_char_p, c_void_p, c_size_t]),
    "enl_options_reset": (c_int32, [c_void_p, c_char_p]),
    "enl_options_count": (c_int32, [c_void_p, POINTER(c_size_t)]),
    "enl_options_key": (c_int32, [c_void_p, c_size_t, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "enl_options_describe": (c_int32, [c_void_p, c_char_p, c_char_p, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "enl_options_free": (c_int32, [c_void_p]),
    "enl_upscaler_new": (c_int32, [c_void_p, c_void_p, POINTER(c_void_p)]),
    "enl_upscaler_text": (c_int32, [c_void_p, c_char_p, POINTER(c_char), c_size_t, POINTER(c_size_t)]),
    "enl_upscaler_free": (c_int32, [c_void_p]),
    "enl_upscaler_plan": (c_int32, [c_void_p, c_void_p, c_uint32, c_uint32, POINTER(enl_rect), POINTER(enl_plan)]),
    "enl_cancel_new": (c_int32, [POINTER(c_void_p)]),
    "enl_cancel_request": (c_int32, [c_void_p]),
    "enl_cancel_is_requested": (c_int32, [c_void_p, POINTER(c_int32)]),
    "enl_cancel_free": (c_int32, [c_void_p]),
    "enl_upscaler_run": (
        c_int32,
        [
            c_void_p,
            c_void_p,
            POINTER(enl_view),
            POINTER(enl_rect),
            c_void_p,
            enl_progress_callback,
            c_void_p,
            POINTER(enl_view),
        ],
    ),
    "enl_upscaler_stream": (
        c_int32,
        [
            c_void_p,
            c_void_p,
            POINTER(enl_source),
            POINTER(enl_rect),
            c_void_p,
            enl_progress_callback,
            c_void_p,
            POINTER(enl_sink),
        ],
    ),
    "enl_upscaler_measure": (c_int32, [c_void_p, c_void_p, POINTER(enl_source), c_void_p, POINTER(c_int32)]),
}
