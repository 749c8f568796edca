//! How far a run is, told to the caller.

use std::ffi::c_void;

use enlarger::{Cancel, Phase, Progress};

use crate::stream::ENL_CONTINUE;

/// A phase of a run: getting ready.
pub const ENL_PHASE_PREPARE: i32 = 0;
/// A phase of a run: the network works on tiles; finished rows go out meanwhile.
pub const ENL_PHASE_TILES: i32 = 1;
/// A phase of a run: the last rows go out.
pub const ENL_PHASE_FINISH: i32 = 2;

/// How far a run is. Nothing in it goes backwards during a run.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct enl_progress {
    /// Tiles done.
    pub tiles_done: u64,
    /// Tiles in all; 0 where no network is needed.
    pub tiles_total: u64,
    /// Rows of the result that went out.
    pub rows_done: u32,
    /// Rows of the result.
    pub rows_total: u32,
    /// ENL_PHASE_PREPARE, ENL_PHASE_TILES or ENL_PHASE_FINISH.
    pub phase: i32,
    /// 0 today; to be ignored.
    pub reserved: u32,
}

/// Takes a report, and says whether to go on.
///
/// @param user_data  What was given with the callback.
/// @param progress   The report; valid until the callback returns.
/// @return ENL_CONTINUE to go on; anything else stops the run.
///
/// Called on the thread that runs, at least ten times a second while the network works, never after the run has
/// returned. A program may use it to look after its user interface. It must not throw.
#[allow(non_camel_case_types)]
pub type enl_progress_callback =
    Option<unsafe extern "C" fn(user_data: *mut c_void, progress: *const enl_progress) -> i32>;

/// Passes reports on; raises `cancel` when the answer is anything but "continue".
pub(crate) fn reporter(
    callback: enl_progress_callback,
    user_data: *mut c_void,
    cancel: Cancel,
) -> impl FnMut(Progress) {
    move |progress| {
        // Whoever said stop is not asked again.
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
        // SAFETY: the program gave the callback to be called like this; the report lives until it returns.
        if unsafe { callback(user_data, &progress) } != ENL_CONTINUE {
            cancel.cancel();
        }
    }
}
