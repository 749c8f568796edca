//! Status codes, and the error message of a thread's last failure.
//!
//! Codes are grouped by who can fix the problem. A number is never reused with another meaning.

use std::cell::RefCell;
use std::ffi::{CStr, c_char};
use std::ptr;

/// Success.
pub const ENL_OK: i32 = 0;

/// Caller: a required pointer is NULL.
pub const ENL_ERROR_NULL: i32 = -1;
/// Caller: a value is invalid or out of range.
pub const ENL_ERROR_ARGUMENT: i32 = -2;
/// Caller: a buffer or a stride is too small, a target or a sink does not have the size that the plan gives, or the
/// bytes for an option are too many.
pub const ENL_ERROR_BUFFER: i32 = -3;
/// Caller: a pixel format or an ICC profile is invalid, or cannot hold the result.
pub const ENL_ERROR_FORMAT: i32 = -4;
/// Caller: the object is in use by another call.
pub const ENL_ERROR_BUSY: i32 = -5;
/// Caller: the handle was freed, has another type, or never was a handle.
pub const ENL_ERROR_BAD_HANDLE: i32 = -6;
/// Caller: the object cannot be used after a panic during an earlier call with it; free it.
pub const ENL_ERROR_POISONED: i32 = -7;

/// Model: no model with this id is installed.
pub const ENL_ERROR_MODEL_NOT_FOUND: i32 = -20;
/// Model: its manifest or its network is damaged or invalid.
pub const ENL_ERROR_MODEL_INVALID: i32 = -21;
/// Model: the network does not match its manifest, such as in its inputs, its outputs or its scale.
pub const ENL_ERROR_MODEL_CONTRACT: i32 = -22;
/// Model: the size or the SHA-256 of the network's file is not the one in the manifest.
pub const ENL_ERROR_MODEL_HASH: i32 = -23;

/// Engine: there is none with this id, it is not available here, or none can run the model.
pub const ENL_ERROR_ENGINE_NOT_FOUND: i32 = -40;
/// Engine: its library is too old, too new, or not an engine library.
pub const ENL_ERROR_ENGINE_VERSION: i32 = -41;
/// Engine: the device is missing or failed.
pub const ENL_ERROR_DEVICE: i32 = -42;
/// Engine: it failed while running.
pub const ENL_ERROR_INFERENCE: i32 = -43;
/// Engine: its output failed verification, even in full precision and on the CPU.
pub const ENL_ERROR_OUTPUT: i32 = -44;

/// Machine: reading or writing failed.
pub const ENL_ERROR_IO: i32 = -60;
/// Machine: there is not enough memory, or the run needs more than the option "memory" allows.
pub const ENL_ERROR_MEMORY: i32 = -61;
/// Machine: a safety limit was exceeded: more than 1048576 pixels along a side of the source or the result, a network's
/// file of more than 2 GiB, or more than 1048576 handles of one type (4096 on 32-bit machines).
pub const ENL_ERROR_LIMIT: i32 = -62;
/// Machine: the process in which the library works for this program has ended, or does not answer; start the work again. No
/// function of the library returns it. It is for bindings that use the library through a worker; see enl_worker_run.
pub const ENL_ERROR_WORKER: i32 = -63;

/// The run was cancelled, or a callback did not return ENL_CONTINUE. Do not show it as an error.
pub const ENL_CANCELLED: i32 = -80;

/// Library: a panic, which is a defect of the library or of an engine. From now on, the objects that the call was
/// working on return ENL_ERROR_POISONED.
pub const ENL_ERROR_PANIC: i32 = -90;
/// Library: a defect; please report it.
pub const ENL_ERROR_INTERNAL: i32 = -91;

/// The result of a call inside the library.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// A status and its error message.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: i32,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: i32, message: impl Into<String>) -> Self {
        Failure { status, message: message.into() }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Keeps the message as this thread's last error.
    pub(crate) fn record(mut self) -> i32 {
        // An engine's message may contain a NUL, which C would take for the end.
        if self.message.contains('\0') {
            self.message = self.message.replace('\0', "\u{fffd}");
        }
        // This fails only while the thread ends. Then nothing can ask for the message any more.
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

/// The message of this thread's last failure.
pub(crate) fn last() -> String {
    LAST.try_with(|last| last.borrow().clone()).unwrap_or_default()
}

/// Returns the name of a status code, such as "ENL_ERROR_MEMORY".
///
/// @param status  The status that a function returned.
/// @return A static string, never NULL; "unknown status" for a number that is not a status.
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
        ENL_ERROR_WORKER => c"ENL_ERROR_WORKER",
        ENL_CANCELLED => c"ENL_CANCELLED",
        ENL_ERROR_PANIC => c"ENL_ERROR_PANIC",
        ENL_ERROR_INTERNAL => c"ENL_ERROR_INTERNAL",
        _ => c"unknown status",
    }
}

/// Copies the message of this thread's last failure: what failed, on what, and what to do about it.
///
/// A successful call does not change it. Other functions that return a string refuse a buffer that is too small. This
/// one cannot fail: a message that does not fit is cut off after a whole character, which the returned length shows.
/// The copy ends with a NUL unless `size` is 0.
///
/// @param buffer  Receives the message, in UTF-8; NULL to get only its length.
/// @param size    The size of `buffer` in bytes, including the terminating NUL; ignored if `buffer` is NULL.
/// @return The length of the whole message in bytes, without the NUL; 0 if nothing has failed on this thread.
///
/// Threads: any; each thread has its own message. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_last_error(buffer: *mut c_char, size: usize) -> usize {
    let copy = |last: &RefCell<String>| {
        let Ok(message) = last.try_borrow() else { return 0 };
        let fits = message.floor_char_boundary(size.saturating_sub(1));
        if !buffer.is_null() && size > 0 {
            // SAFETY: `fits` bytes and a NUL are at most `size` bytes, which the header requires.
            unsafe {
                ptr::copy_nonoverlapping(message.as_ptr().cast(), buffer, fits);
                buffer.add(fits).write(0);
            }
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
