//! What the library has to say besides errors: what was picked, what was passed over, what needed a second try.
//!
//! Messages go out on the thread whose call caused them, one at a time, and to nobody until a program asks for them.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_void};
use std::sync::{Mutex, PoisonError};

use crate::boundary::guard;
use crate::status::{ENL_ERROR_ARGUMENT, ENL_ERROR_BUSY, Failure};

/// A log level: what a user should know, such as a tile that needed a second try.
pub const ENL_LOG_WARNING: i32 = 1;
/// A log level: what was chosen and why. Includes warnings.
pub const ENL_LOG_INFO: i32 = 2;

/// Takes a message.
///
/// @param user_data  What was given with the callback.
/// @param level      ENL_LOG_WARNING or ENL_LOG_INFO.
/// @param message    One UTF-8 sentence; valid until the callback returns.
///
/// Called on the thread whose call has something to say, never by two threads at once. It must not throw, and
/// should be quick. It must not wait for another thread that calls this library: that thread may be waiting until
/// this callback returns. Calls of this library from inside it work, but say nothing.
#[allow(non_camel_case_types)]
pub type enl_log_callback = Option<unsafe extern "C" fn(user_data: *mut c_void, level: i32, message: *const c_char)>;

struct Log {
    callback: unsafe extern "C" fn(*mut c_void, i32, *const c_char),
    user_data: *mut c_void,
    level: i32,
}

// SAFETY: the header says that the callback is called on any thread, one at a time, with its data.
unsafe impl Send for Log {}

static LOG: Mutex<Option<Log>> = Mutex::new(None);

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Says something to whoever listens.
pub(crate) fn say(level: i32, message: &str) {
    if INSIDE.get() {
        return;
    }
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(log) = log.as_ref().filter(|log| level <= log.level) else { return };
    let Ok(text) = CString::new(message.replace('\0', "\u{fffd}")) else { return };
    INSIDE.set(true);
    // SAFETY: the program gave the callback to be called like this; the text lives until it returns.
    unsafe { (log.callback)(log.user_data, level, text.as_ptr()) };
    INSIDE.set(false);
}

/// Sets who takes the library's messages, for the whole process. Before the first call nobody does.
///
/// When this returns, the callback that was there before is not called any more.
///
/// @param level      The least important level that is wanted: ENL_LOG_WARNING or ENL_LOG_INFO. Any with NULL.
/// @param callback   The taker; NULL for nobody.
/// @param user_data  Given to the callback; must live as long as the callback is set.
/// @return ENL_OK, ENL_ERROR_ARGUMENT for another level, ENL_ERROR_BUSY from inside a log callback.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_log_set(level: i32, callback: enl_log_callback, user_data: *mut c_void) -> i32 {
    guard(|| {
        if INSIDE.get() {
            let message = "the log cannot be changed from inside its callback; do it after the call";
            return Err(Failure::new(ENL_ERROR_BUSY, message));
        }
        if callback.is_some() && !(ENL_LOG_WARNING..=ENL_LOG_INFO).contains(&level) {
            let message = format!("{level} is no log level; take ENL_LOG_WARNING or ENL_LOG_INFO");
            return Err(Failure::new(ENL_ERROR_ARGUMENT, message));
        }
        *LOG.lock().unwrap_or_else(PoisonError::into_inner) =
            callback.map(|callback| Log { callback, user_data, level });
        Ok(())
    })
}
