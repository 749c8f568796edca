//! What crosses the border: plain structures, numbers and functions, in C's layout.
//!
//! Nothing here may change within a version. Functions are appended, and then `VERSION` grows.

use std::ffi::c_void;

use abi_stable::StableAbi;

/// The name of the function that a library exports: `const Table *enlarger_engine(void)`. What it gives is valid for ever.
pub const ENTRY: &str = "enlarger_engine";

/// How a table begins: "ENLENGIN", as a little-endian number.
pub const MAGIC: u64 = 0x4e49_474e_454c_4e45;

/// The version of the table.
pub const VERSION: u32 = 1;

/// Done. Failures are the negative status codes of enlarger.h, `enlarger::ErrorKind::code` in Rust; all but ENL_CANCELLED
/// want a sentence.
pub const OK: i32 = 0;

/// What pull returns for a row that it made.
pub const ROW: i32 = 1;

/// UTF-8, not ended by a zero. Valid while the call runs that it is passed to, where nothing else is said.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Text {
    /// The first byte; may be NULL if there is none.
    pub data: *const u8,
    /// Bytes.
    pub size: usize,
}

/// Somebody who takes the sentence of a failure. Called at most once a call, and only for a failure.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Said {
    /// Passed to the function.
    pub context: *mut c_void,
    /// Takes the sentence, which says what to do.
    pub say: unsafe extern "C" fn(context: *mut c_void, sentence: Text),
}

/// Somebody who takes devices.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Devices {
    /// Passed to the function.
    pub context: *mut c_void,
    /// Takes a device: its id, such as cpu or cuda:0, and a name for people.
    pub give: unsafe extern "C" fn(context: *mut c_void, id: Text, name: Text),
}

/// Somebody to call when somebody wants to stop.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Hook {
    /// Passed to the function.
    pub context: *const c_void,
    /// Called on the thread that stops; must be quick.
    pub call: unsafe extern "C" fn(context: *const c_void),
}

/// A wish to stop. A long call looks at it, or has itself called.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Control {
    /// Passed to the functions.
    pub context: *const c_void,
    /// Whether somebody wants to stop: 1 or 0. Any thread.
    pub is_cancelled: unsafe extern "C" fn(context: *const c_void) -> u32,
    /// Has `hook` called when somebody wants to stop, at once if that has happened, until what this returns is passed
    /// to forget.
    pub on_cancel: unsafe extern "C" fn(context: *const c_void, hook: Hook) -> *mut c_void,
    /// Ends what on_cancel began. The hook is not called any more, nor is it running, when this returns.
    pub forget: unsafe extern "C" fn(hook: *mut c_void),
}

/// How to open a network.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Options {
    /// The manifest, as TOML.
    pub manifest: Text,
    /// The network's file, ONNX: bytes, not a text.
    pub network: Text,
    /// The device's id; empty for the engine's best.
    pub device: Text,
    /// 0: the engine's choice; 1: 32-bit floating point throughout; 2: the fastest that is nearly exact.
    pub precision: u32,
    /// Threads for one tile; 0 for all cores.
    pub threads: u32,
}

/// How a session likes to be used. All 0 is right too: the host then goes by what suits most.
#[repr(C)]
#[derive(Clone, Copy, Default, StableAbi)]
pub struct SessionUsage {
    /// The side of the best tile in pixels, halo included; 0 for 512.
    pub tile: u32,
    /// Tiles worth running at the same time; 0 for 1.
    pub parallel: u32,
    /// Pixels that a tile may have; 0 for any number.
    pub max_tile_pixels: u64,
    /// 1 if a running tile stops when it is cancelled.
    pub interruptible: u32,
    /// 1 if it computes in 32-bit floating point throughout.
    pub exact: u32,
}

/// A tensor to read: planar 32-bit floats.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Input {
    /// The name of the network's input.
    pub name: Text,
    /// Batch, channels, height, width.
    pub shape: [usize; 4],
    /// The values, as many as the shape says.
    pub data: *const f32,
}

/// A tensor to fill.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Output {
    /// The name of the network's output.
    pub name: Text,
    /// Batch, channels, height, width: what the network must give, or the call fails.
    pub shape: [usize; 4],
    /// Room for as many values as the shape says.
    pub data: *mut f32,
}

/// An engine: functions, and what is passed to them.
///
/// All may be called from any thread; those of one session from several at once. None may let a panic or an exception out.
/// close and close_stream are called once, with nothing else running on what they close.
#[repr(C)]
#[derive(Clone, Copy, StableAbi)]
pub struct Table {
    /// The number above.
    pub magic: u64,
    /// The version above.
    pub version: u32,
    /// Bytes of this structure as the library knows it.
    pub size: u32,
    /// A short, stable name: lower case letters, digits and hyphens. Valid for ever.
    pub id: Text,
    /// The version of what really runs. Valid for ever.
    pub engine_version: Text,
    /// The engine's own; passed to devices and open.
    pub context: *const c_void,
    /// Gives the devices that can be used here, best first.
    pub devices: unsafe extern "C" fn(context: *const c_void, devices: Devices),
    /// Opens a network and puts the session there.
    pub open: unsafe extern "C" fn(
        context: *const c_void,
        options: *const Options,
        said: Said,
        session: *mut *const c_void,
    ) -> i32,
    /// Ends a session.
    pub close: unsafe extern "C" fn(session: *const c_void),
    /// Gives the device that the session runs on, one.
    pub device: unsafe extern "C" fn(session: *const c_void, device: Devices),
    /// How the session likes to be used.
    pub usage: unsafe extern "C" fn(session: *const c_void) -> SessionUsage,
    /// Runs the network once.
    pub run: unsafe extern "C" fn(
        session: *const c_void,
        inputs: *const Input,
        count: usize,
        output: *const Output,
        control: *const Control,
        said: Said,
    ) -> i32,
    /// Bytes that a row stream over a picture of so many columns takes at most; 0 where tiles are the only way.
    pub stream_memory: unsafe extern "C" fn(session: *const c_void, width: usize) -> u64,
    /// Opens a row stream over a picture of so many columns and puts it there; NULL where tiles are the only way.
    pub stream: unsafe extern "C" fn(session: *const c_void, width: usize, said: Said, stream: *mut *mut c_void) -> i32,
    /// Takes the next row: so many values, the channels after one another.
    pub push: unsafe extern "C" fn(
        stream: *mut c_void,
        row: *const f32,
        count: usize,
        control: *const Control,
        said: Said,
    ) -> i32,
    /// No row follows.
    pub finish: unsafe extern "C" fn(stream: *mut c_void, control: *const Control, said: Said) -> i32,
    /// Fills the next row of the result, so many values, and returns ENL_ENGINE_ROW; ENL_ENGINE_OK if it needs more input
    /// first, or none is left.
    pub pull: unsafe extern "C" fn(
        stream: *mut c_void,
        row: *mut f32,
        count: usize,
        control: *const Control,
        said: Said,
    ) -> i32,
    /// Ends a stream.
    pub close_stream: unsafe extern "C" fn(stream: *mut c_void),
}

// SAFETY: what it points to never changes, and its functions may be called from any thread.
unsafe impl Send for Table {}
// SAFETY: as above.
unsafe impl Sync for Table {}

impl Text {
    /// A text that lives elsewhere.
    pub fn of(text: &str) -> Self {
        Text::of_bytes(text.as_bytes())
    }

    /// Bytes that live elsewhere.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Text { data: bytes.as_ptr(), size: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// They are there for as long as the lifetime says.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.data.is_null() {
            return &[];
        }
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }

    /// The text; what is no UTF-8 in it is replaced.
    ///
    /// # Safety
    /// The bytes are there now.
    pub unsafe fn text(self) -> String {
        // SAFETY: the caller's promise.
        String::from_utf8_lossy(unsafe { self.bytes() }).into_owned()
    }
}
