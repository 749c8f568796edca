//! Steps: the progress of importing, installing and finding faces, which make no rows.

use std::ffi::{CString, c_char, c_void};

use enlarger::Cancel;
use enlarger_models::Report;

use crate::log::{self, ENL_LOG_INFO};
use crate::stream::ENL_CONTINUE;

/// Receives the step of an import, an installation or a search for faces, and decides whether to continue.
///
/// @param user_data  The pointer that was passed with the callback.
/// @param fraction   How much of the step is done, from 0 to 1; -1 if that is not known. Each step begins again.
/// @param text       The step in words for users, in UTF-8 and English, such as "testing the model"; valid until the
///                   callback returns.
/// @return ENL_CONTINUE to continue; any other value stops the call, which then returns ENL_CANCELLED.
///
/// It is called on the thread of the call, about ten times a second, and never after the call has returned. The callback
/// may process user-interface events. It must not throw.
#[allow(non_camel_case_types)]
pub type enl_step_callback =
    Option<unsafe extern "C" fn(user_data: *mut c_void, fraction: f64, text: *const c_char) -> i32>;

/// Passes steps to the callback, and cancels unless it returns ENL_CONTINUE. Other reports go to the log.
pub(crate) fn reporter(callback: enl_step_callback, user_data: *mut c_void, cancel: Cancel) -> impl FnMut(Report<'_>) {
    move |report| {
        let (text, fraction) = match report {
            Report::Step { text, fraction } => (text, fraction),
            Report::Info(text) => return log::send(ENL_LOG_INFO, text),
            _ => return,
        };
        // After a callback has stopped the call it is not called again.
        let Some(callback) = callback.filter(|_| !cancel.is_cancelled()) else { return };
        let Ok(text) = CString::new(text.replace('\0', "\u{fffd}")) else { return };
        // SAFETY: the program passed the callback to be called like this, and the text outlives the call.
        if unsafe { callback(user_data, fraction.unwrap_or(-1.0), text.as_ptr()) } != ENL_CONTINUE {
            cancel.cancel();
        }
    }
}
