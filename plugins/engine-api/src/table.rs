//! The interface between Enlarger and an engine library: plain structures, numbers and functions, in C's layout.
//!
//! It is the source of `include/enlarger_engine.h`, so its comments are written for C programmers too. Nothing here may change
//! within a version; functions are only appended, and `VERSION` then increases.

use std::ffi::c_void;

use abi_stable::StableAbi;

/// The name of the function that a library exports: `const Table *enlarger_engine(void)`. The table must stay valid until the
/// process ends.
pub const ENTRY: &str = "enlarger_engine";

/// The first field of every table: the letters "ENLENGIN", read as a little-endian number.
pub const MAGIC: u64 = 0x4e49_474e_454c_4e45;

/// The version of the table that this header describes.
pub const VERSION: u32 = 1;

/// Success. Failures are the negative status codes of enlarger.h (in Rust: `enlarger::ErrorKind::code`). A function that fails
/// with any code but ENL_CANCELLED must also pass an error message to `said`.
pub const OK: i32 = 0;

/// Returned by `pull` when it has filled a row.
pub const ROW: i32 = 1;

/// UTF-8 text, not terminated by a zero byte. It is valid only during the call that it is passed to, unless stated
/// otherwise.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Text {
    /// The first byte; may be NULL if the size is 0.
    pub data: *const u8,
    /// The number of bytes.
    pub size: usize,
}

/// Receives the error message of a call that fails. Call `say` at most once per call, and only before returning a failure.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Said {
    /// The first argument for `say`.
    pub context: *mut c_void,
    /// Takes the message: one sentence on what failed and what the user can do about it.
    pub say: unsafe extern "C" fn(context: *mut c_void, sentence: Text),
}

/// Receives a list of devices, one call of `give` for each.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Devices {
    /// The first argument for `give`.
    pub context: *mut c_void,
    /// Takes a device: its id, such as "cpu" or "cuda:0", and a name to display.
    pub give: unsafe extern "C" fn(context: *mut c_void, id: Text, name: Text),
}

/// A function of the engine that the host calls when the user cancels.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Hook {
    /// The argument for `call`.
    pub context: *const c_void,
    /// Called on the thread that cancels; it must return quickly.
    pub call: unsafe extern "C" fn(context: *const c_void),
}

/// Tells whether the user has cancelled. A call that takes long checks `is_cancelled` now and then, or registers a hook; when
/// cancelled, it returns ENL_CANCELLED.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Control {
    /// The first argument for `is_cancelled` and `on_cancel`.
    pub context: *const c_void,
    /// Returns 1 if the user has cancelled, otherwise 0. May be called from any thread.
    pub is_cancelled: unsafe extern "C" fn(context: *const c_void) -> u32,
    /// Registers a hook that is called when the user cancels, or at once if that has already happened. Pass the returned
    /// pointer to `forget` before the engine's call returns.
    pub on_cancel: unsafe extern "C" fn(context: *const c_void, hook: Hook) -> *mut c_void,
    /// Removes a hook; `hook` is the pointer that `on_cancel` returned. When `forget` returns, the hook is not running and
    /// will not be called again.
    pub forget: unsafe extern "C" fn(hook: *mut c_void),
}

/// The model to open, and the options for it.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Options {
    /// The model's manifest, as TOML.
    pub manifest: Text,
    /// The network's ONNX file: bytes, not text.
    pub network: Text,
    /// The id of the device to use; empty for the engine's best device.
    pub device: Text,
    /// The precision. 0: the engine chooses; 1: 32-bit floating point throughout; 2: the fastest nearly exact arithmetic.
    pub precision: u32,
    /// The number of threads for one tile; 0 for all cores.
    pub threads: u32,
}

/// How the host should use a session. The host uses its own default for a field that is 0.
#[repr(C)]
#[derive(Clone, Copy, Default, StableAbi)]
pub struct SessionUsage {
    /// The best side of a tile in pixels, halo included; 0 for 512.
    pub tile: u32,
    /// How many tiles to run at the same time; 0 for 1.
    pub parallel: u32,
    /// The most pixels that a tile may have; 0 for no limit.
    pub max_tile_pixels: u64,
    /// 1 if a running tile stops when the user cancels, otherwise 0.
    pub interruptible: u32,
    /// 1 if the session computes in 32-bit floating point throughout, otherwise 0.
    pub exact: u32,
}

/// A tensor that the engine reads: planar 32-bit floats.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Input {
    /// The name of the network's input.
    pub name: Text,
    /// Batch, channels, height, width.
    pub shape: [usize; 4],
    /// The values: the product of the shape's four numbers.
    pub data: *const f32,
}

/// A tensor that the engine fills: planar 32-bit floats.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Output {
    /// The name of the network's output.
    pub name: Text,
    /// Batch, channels, height, width. If the network's output has another shape, the call must fail.
    pub shape: [usize; 4],
    /// The buffer for the values: the product of the shape's four numbers.
    pub data: *mut f32,
}

/// An engine: its name, its version and its functions.
///
/// The host calls the functions from any thread. It may call those of one session from several threads at once, but those of
/// one stream only from one thread at a time. No function may let a panic or an exception escape. `close` and `close_stream`
/// are called once, after all other calls on the session or stream have returned.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Table {
    /// ENL_ENGINE_MAGIC.
    pub magic: u64,
    /// ENL_ENGINE_VERSION.
    pub version: u32,
    /// The size of this structure in bytes.
    pub size: u32,
    /// A short name that stays the same in all versions: lower-case letters, digits and hyphens. It must stay valid until the
    /// process ends.
    pub id: Text,
    /// The version of the library that does the computation. It must stay valid until the process ends.
    pub engine_version: Text,
    /// The first argument for `devices` and `open`. The host does not use it otherwise.
    pub context: *const c_void,
    /// Lists the devices that the engine can use on this machine, best first.
    pub devices: unsafe extern "C" fn(context: *const c_void, devices: Devices),
    /// Opens a network and stores the new session in `*session`.
    pub open: unsafe extern "C" fn(
        context: *const c_void,
        options: *const Options,
        said: Said,
        session: *mut *const c_void,
    ) -> i32,
    /// Closes a session.
    pub close: unsafe extern "C" fn(session: *const c_void),
    /// Passes the one device that the session runs on to `device`.
    pub device: unsafe extern "C" fn(session: *const c_void, device: Devices),
    /// Returns how the host should use the session.
    pub usage: unsafe extern "C" fn(session: *const c_void) -> SessionUsage,
    /// Runs the network once on `count` inputs. Inputs are identified by their names; their order means nothing.
    pub run: unsafe extern "C" fn(
        session: *const c_void,
        inputs: *const Input,
        count: usize,
        output: *const Output,
        control: *const Control,
        said: Said,
    ) -> i32,
    /// Returns the most bytes that a row stream takes for a picture of `width` columns; 0 if the session supports only tiles.
    pub stream_memory: unsafe extern "C" fn(session: *const c_void, width: usize) -> u64,
    /// Opens a row stream for a picture of `width` columns and stores it in `*stream`; stores NULL if the session supports only
    /// tiles.
    pub stream: unsafe extern "C" fn(session: *const c_void, width: usize, said: Said, stream: *mut *mut c_void) -> i32,
    /// Takes the next row of the picture: `count` values, one channel after the other.
    pub push: unsafe extern "C" fn(
        stream: *mut c_void,
        row: *const f32,
        count: usize,
        control: *const Control,
        said: Said,
    ) -> i32,
    /// Tells the stream that the picture has no more rows.
    pub finish: unsafe extern "C" fn(stream: *mut c_void, control: *const Control, said: Said) -> i32,
    /// Fills the next row of the result, `count` values, and returns ENL_ENGINE_ROW. Returns ENL_ENGINE_OK without filling a
    /// row if the stream needs more input first, or if the result is complete.
    pub pull: unsafe extern "C" fn(
        stream: *mut c_void,
        row: *mut f32,
        count: usize,
        control: *const Control,
        said: Said,
    ) -> i32,
    /// Closes a stream.
    pub close_stream: unsafe extern "C" fn(stream: *mut c_void),
}

// SAFETY: the data that it points to never changes, and its functions may be called from any thread.
unsafe impl Send for Table {}
// SAFETY: as above.
unsafe impl Sync for Table {}

impl Text {
    /// Refers to this text, which must outlive the result.
    pub fn of(text: &str) -> Self {
        Text::of_bytes(text.as_bytes())
    }

    /// Refers to these bytes, which must outlive the result.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Text { data: bytes.as_ptr(), size: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// They must be valid for the lifetime `'a`.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.data.is_null() {
            return &[];
        }
        // SAFETY: promised by the caller.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }

    /// A copy of the text. Invalid UTF-8 is replaced.
    ///
    /// # Safety
    /// The bytes must be valid during the call.
    pub unsafe fn text(self) -> String {
        // SAFETY: promised by the caller.
        String::from_utf8_lossy(unsafe { self.bytes() }).into_owned()
    }
}
