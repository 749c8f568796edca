//! Status codes, and the sentence that goes with the last failure of a thread.
//!
//! Codes are sorted by who can mend it. A number is never used again for another meaning.

use std::cell::RefCell;
use std::ffi::{CStr, c_char};

use crate::boundary::copy_text;

/// Done.
pub const ENL_OK: i32 = 0;

/// The caller: NULL where something is needed.
pub const ENL_ERROR_NULL: i32 = -1;
/// The caller: a value outside its range.
pub const ENL_ERROR_ARGUMENT: i32 = -2;
/// The caller: a buffer or a stride too small for what it should hold.
pub const ENL_ERROR_BUFFER: i32 = -3;
/// The caller: a pixel format or an ICC profile that cannot be, or cannot hold what is asked of it.
pub const ENL_ERROR_FORMAT: i32 = -4;
/// The caller: the object is in use by another call.
pub const ENL_ERROR_BUSY: i32 = -5;
/// The caller: a handle that was freed, is of another kind, or never was one.
pub const ENL_ERROR_BAD_HANDLE: i32 = -6;
/// The caller: the object has seen a panic and answers no more; free it.
pub const ENL_ERROR_POISONED: i32 = -7;

/// The model: none of that id is installed.
pub const ENL_ERROR_MODEL_NOT_FOUND: i32 = -20;
/// The model: its manifest or its network is damaged or wrong.
pub const ENL_ERROR_MODEL_INVALID: i32 = -21;
/// The model: the network does not do what its manifest says.
pub const ENL_ERROR_MODEL_CONTRACT: i32 = -22;
/// The model: the network's file is not the one that the manifest names.
pub const ENL_ERROR_MODEL_HASH: i32 = -23;

/// The engine: none of that name is here, or none can run the model.
pub const ENL_ERROR_ENGINE_NOT_FOUND: i32 = -40;
/// The engine: its library is too old, too new or not the right file.
pub const ENL_ERROR_ENGINE_VERSION: i32 = -41;
/// The engine: the device is missing or failed.
pub const ENL_ERROR_DEVICE: i32 = -42;
/// The engine: it failed while running.
pub const ENL_ERROR_INFERENCE: i32 = -43;
/// The engine: what it made failed verification, in full precision and on the CPU too.
pub const ENL_ERROR_OUTPUT: i32 = -44;

/// The machine: reading or writing failed.
pub const ENL_ERROR_IO: i32 = -60;
/// The machine: not enough memory, or more than the option `memory` allows.
pub const ENL_ERROR_MEMORY: i32 = -61;
/// The machine: a limit was hit that keeps it usable.
pub const ENL_ERROR_LIMIT: i32 = -62;

/// Stopped by a cancel, or by a callback that did not return ENL_CONTINUE. Not a failure to report.
pub const ENL_CANCELLED: i32 = -80;

/// Us: a panic, here or in an engine. The object that was used answers ENL_ERROR_POISONED from now on.
pub const ENL_ERROR_PANIC: i32 = -90;
/// Us: a defect; please report it.
pub const ENL_ERROR_INTERNAL: i32 = -91;

/// What the calls inside the library return.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// A status and its sentence.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: i32,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: i32, message: impl Into<String>) -> Self {
        Failure { status, message: message.into() }
    }

    /// Keeps the sentence for this thread.
    pub(crate) fn record(mut self) -> i32 {
        // What an engine says may have a NUL inside, which would hide the rest.
        if self.message.contains('\0') {
            self.message = self.message.replace('\0', "\u{fffd}");
        }
        // Where a thread is ending, there is nobody left to ask.
        let _ = LAST.try_with(|last| *last.borrow_mut() = self.message);
        self.status
    }
}

impl From<enlarger::Error> for Failure {
    fn from(error: enlarger::Error) -> Self {
        Failure::new(error.kind().code(), error.to_string())
    }
}

thread_local! {
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The name of a status code, such as "ENL_ERROR_MEMORY".
///
/// @param status  What a function returned.
/// @return A text of the library's, valid for ever, never NULL; "unknown status" for a number that is none.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn enl_status_name(status: i32) -> *const c_char {
    name(status).as_ptr()
}

fn name(status: i32) -> &'static CStr {
    match status {
        ENL_OK => c"ENL_OK",
        ENL_ERROR_NULL => c"ENL_ERROR_NULL",
        ENL_ERROR_ARGUMENT => c"ENL_ERROR_ARGUMENT",
        ENL_ERROR_BUFFER => c"ENL_ERROR_BUFFER",
        ENL_ERROR_FORMAT => c"ENL_ERROR_FORMAT",
        ENL_ERROR_BUSY => c"ENL_ERROR_BUSY",
        ENL_ERROR_BAD_HANDLE => c"ENL_ERROR_BAD_HANDLE",
        ENL_ERROR_POISONED => c"ENL_ERROR_POISONED",
        ENL_ERROR_MODEL_NOT_FOUND => c"ENL_ERROR_MODEL_NOT_FOUND",
        ENL_ERROR_MODEL_INVALID => c"ENL_ERROR_MODEL_INVALID",
        ENL_ERROR_MODEL_CONTRACT => c"ENL_ERROR_MODEL_CONTRACT",
        ENL_ERROR_MODEL_HASH => c"ENL_ERROR_MODEL_HASH",
        ENL_ERROR_ENGINE_NOT_FOUND => c"ENL_ERROR_ENGINE_NOT_FOUND",
        ENL_ERROR_ENGINE_VERSION => c"ENL_ERROR_ENGINE_VERSION",
        ENL_ERROR_DEVICE => c"ENL_ERROR_DEVICE",
        ENL_ERROR_INFERENCE => c"ENL_ERROR_INFERENCE",
        ENL_ERROR_OUTPUT => c"ENL_ERROR_OUTPUT",
        ENL_ERROR_IO => c"ENL_ERROR_IO",
        ENL_ERROR_MEMORY => c"ENL_ERROR_MEMORY",
        ENL_ERROR_LIMIT => c"ENL_ERROR_LIMIT",
        ENL_CANCELLED => c"ENL_CANCELLED",
        ENL_ERROR_PANIC => c"ENL_ERROR_PANIC",
        ENL_ERROR_INTERNAL => c"ENL_ERROR_INTERNAL",
        _ => c"unknown status",
    }
}

/// Copies the sentence of this thread's last failure: what failed, on what, what to try.
///
/// A call that succeeds leaves it as it is. A sentence that does not fit is cut off at a whole character; it ends
/// with a NUL wherever `size` is not 0.
///
/// @param buffer  Where the sentence goes, UTF-8; NULL to ask only for its length.
/// @param size    Bytes of `buffer`, the NUL included.
/// @return The length of the whole sentence in bytes, without the NUL; 0 if nothing has failed on this thread.
///
/// Threads: any; each has its own sentence. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_last_error(buffer: *mut c_char, size: usize) -> usize {
    let copy = |last: &RefCell<String>| {
        let Ok(message) = last.try_borrow() else { return 0 };
        let fits = message.floor_char_boundary(size.saturating_sub(1));
        if !buffer.is_null() && size > 0 {
            // SAFETY: `fits` and a NUL are at most `size` bytes, which the caller says are there.
            unsafe { copy_text(&message[..fits], buffer) };
        }
        message.len()
    };
    LAST.try_with(copy).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use enlarger::ErrorKind;

    use super::*;

    #[test]
    fn codes_are_those_of_the_kinds() {
        let codes = [
            (ErrorKind::Argument, ENL_ERROR_ARGUMENT),
            (ErrorKind::Buffer, ENL_ERROR_BUFFER),
            (ErrorKind::Format, ENL_ERROR_FORMAT),
            (ErrorKind::ModelNotFound, ENL_ERROR_MODEL_NOT_FOUND),
            (ErrorKind::ModelInvalid, ENL_ERROR_MODEL_INVALID),
            (ErrorKind::ModelContract, ENL_ERROR_MODEL_CONTRACT),
            (ErrorKind::ModelHash, ENL_ERROR_MODEL_HASH),
            (ErrorKind::EngineNotFound, ENL_ERROR_ENGINE_NOT_FOUND),
            (ErrorKind::EngineVersion, ENL_ERROR_ENGINE_VERSION),
            (ErrorKind::Device, ENL_ERROR_DEVICE),
            (ErrorKind::Inference, ENL_ERROR_INFERENCE),
            (ErrorKind::Output, ENL_ERROR_OUTPUT),
            (ErrorKind::Io, ENL_ERROR_IO),
            (ErrorKind::Memory, ENL_ERROR_MEMORY),
            (ErrorKind::Limit, ENL_ERROR_LIMIT),
            (ErrorKind::Cancelled, ENL_CANCELLED),
            (ErrorKind::Panic, ENL_ERROR_PANIC),
            (ErrorKind::Internal, ENL_ERROR_INTERNAL),
        ];
        for (kind, code) in codes {
            assert_eq!((kind.code(), ErrorKind::from_code(code)), (code, kind));
            assert_ne!(name(code), c"unknown status");
        }
    }
}
