//! Progress reports of a run.

use std::ffi::c_void;

use enlarger::{Cancel, Phase, Progress};

use crate::stream::ENL_CONTINUE;

/// A phase of a run: memory is allocated and the first rows are read.
pub const ENL_PHASE_PREPARE: i32 = 0;
/// A phase of a run: the network processes tiles, while finished rows are written.
pub const ENL_PHASE_TILES: i32 = 1;
/// A phase of a run: the last rows are written.
pub const ENL_PHASE_FINISH: i32 = 2;

/// The progress of a run. No value decreases during a run.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_progress {
    /// The number of tiles that are done.
    pub tiles_done: u64,
    /// The total number of tiles; 0 if no network runs.
    pub tiles_total: u64,
    /// The number of rows of the result that have been written.
    pub rows_done: u32,
    /// The total number of rows of the result.
    pub rows_total: u32,
    /// ENL_PHASE_PREPARE, ENL_PHASE_TILES or ENL_PHASE_FINISH.
    pub phase: i32,
    /// Currently 0; ignore it.
    pub reserved: u32,
}

/// Receives a progress report and decides whether to continue.
///
/// @param user_data  The pointer that was passed with the callback.
/// @param progress   The report; valid until the callback returns.
/// @return ENL_CONTINUE to continue; any other value stops the run.
///
/// It is called on the thread of the run, at least ten times a second while the network works, and never after the run
/// has returned. The callback may process user-interface events. It must not throw.
#[allow(non_camel_case_types)]
pub type enl_progress_callback =
    Option<unsafe extern "C" fn(user_data: *mut c_void, progress: *const enl_progress) -> i32>;

/// Passes reports to the callback, and cancels the run unless the callback returns ENL_CONTINUE.
pub(crate) fn reporter(
    callback: enl_progress_callback,
    user_data: *mut c_void,
    cancel: Cancel,
) -> impl FnMut(Progress) {
    move |progress| {
        // After a callback has stopped the run it is not called again.
        let Some(callback) = callback.filter(|_| !cancel.is_cancelled()) else { return };
        let progress = enl_progress {
            tiles_done: progress.tiles_done,
            tiles_total: progress.tiles_total,
            rows_done: progress.rows_done,
            rows_total: progress.rows_total,
            phase: match progress.phase {
                Phase::Prepare => ENL_PHASE_PREPARE,
                Phase::Finish => ENL_PHASE_FINISH,
                _ => ENL_PHASE_TILES,
            },
            reserved: 0,
        };
        // SAFETY: the program passed the callback to be called like this, and the report outlives the call.
        if unsafe { callback(user_data, &progress) } != ENL_CONTINUE {
            cancel.cancel();
        }
    }
}
