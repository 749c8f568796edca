//! Messages that are not errors: what was chosen, what was skipped, what needed a second try.
//!
//! Messages are sent on the thread whose call caused them, one at a time. Without a callback there are none.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_void};
use std::sync::{Mutex, PoisonError};

use crate::boundary::guard;
use crate::status::{ENL_ERROR_ARGUMENT, ENL_ERROR_BUSY, Failure};

/// A log level: messages that users should see, such as that a tile was computed twice.
pub const ENL_LOG_WARNING: i32 = 1;
/// A log level: warnings, and what was chosen and why.
pub const ENL_LOG_INFO: i32 = 2;

/// Receives a log message.
///
/// @param user_data  The pointer that was passed to enl_log_set.
/// @param level      ENL_LOG_WARNING or ENL_LOG_INFO.
/// @param message    A sentence in UTF-8; valid until the callback returns.
///
/// It is called on the thread whose library call causes the message, never on two threads at once. It must not throw
/// and should return quickly. It must not wait for another thread that calls this library, because that thread may be
/// waiting for this callback. The callback may call any function of the library except enl_log_set, which then returns
/// ENL_ERROR_BUSY. Those calls log nothing.
#[allow(non_camel_case_types)]
pub type enl_log_callback = Option<unsafe extern "C" fn(user_data: *mut c_void, level: i32, message: *const c_char)>;

struct Log {
    callback: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
    user_data: *mut c_void,
    level: i32,
}

// SAFETY: the header says that the callback is called on any thread, one call at a time, with its data.
unsafe impl Send for Log {}

static LOG: Mutex<Option<Log>> = Mutex::new(None);

thread_local! {
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

/// Passes a message to the program's callback.
pub(crate) fn send(level: i32, message: &str) {
    if IN_CALLBACK.get() {
        return;
    }
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(log) = log.as_ref().filter(|log| level <= log.level) else { return };
    let Ok(text) = CString::new(message.replace('\0', "\u{fffd}")) else { return };
    IN_CALLBACK.set(true);
    // SAFETY: the program passed the callback to be called like this, and the text outlives the call.
    unsafe { (log.callback)(log.user_data, level, text.as_ptr()) };
    IN_CALLBACK.set(false);
}

/// Sends no messages of this thread from now on: what the callback needs to return comes through it.
pub(crate) fn be_silent_on_this_thread() {
    IN_CALLBACK.set(true);
}

/// Sets the callback for log messages, for the whole process. By default there is none.
///
/// If the previous callback is running on another thread, this function waits until it returns. Afterwards the previous
/// callback is no longer called.
///
/// @param level      ENL_LOG_WARNING for warnings only, ENL_LOG_INFO for all messages. Ignored if `callback` is NULL.
/// @param callback   The callback; NULL for none.
/// @param user_data  Passed to the callback; must stay valid while the callback is set.
/// @return ENL_OK, ENL_ERROR_ARGUMENT for an unknown level, ENL_ERROR_BUSY from inside a log callback.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_log_set(level: i32, callback: enl_log_callback, user_data: *mut c_void) -> i32 {
    guard(|| {
        if IN_CALLBACK.get() {
            let message = "the log callback cannot be changed from inside itself; change it after the call";
            return Err(Failure::new(ENL_ERROR_BUSY, message));
        }
        if callback.is_some() && !(ENL_LOG_WARNING..=ENL_LOG_INFO).contains(&level) {
            let message = format!("{level} is not a log level; pass ENL_LOG_WARNING or ENL_LOG_INFO");
            return Err(Failure::new(ENL_ERROR_ARGUMENT, message));
        }
        *LOG.lock().unwrap_or_else(PoisonError::into_inner) =
            callback.map(|callback| Log { callback, user_data, level });
        Ok(())
    })
}
