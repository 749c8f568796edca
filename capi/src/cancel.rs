//! Stopping a run from another thread.

use enlarger::Cancel;

use crate::boundary::{guard, write};
use crate::handle::{self, Noun, Table};
use crate::status::Result;

/// A wish to stop. Give it to runs; raise it from any thread.
#[allow(non_camel_case_types)]
pub struct enl_cancel(());

impl Noun for Cancel {
    type Opaque = enl_cancel;
    const KIND: usize = 4;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<Cancel> = Table::new();
        &TABLE
    }
}

/// The caller's cancel; for NULL one that nobody raises.
pub(crate) fn given(cancel: *const enl_cancel) -> Result<Cancel> {
    match cancel.is_null() {
        true => Ok(Cancel::new()),
        false => handle::with(cancel, |cancel: &Cancel| Ok(cancel.clone())),
    }
}

/// Makes a cancel that nobody has raised. One may serve several runs, which it then stops together.
///
/// @param cancel  Out: the new handle, to be freed with enl_cancel_free; NULL on failure.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_LIMIT.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_cancel_new(cancel: *mut *mut enl_cancel) -> i32 {
    guard(|| {
        // SAFETY: the header asks for a pointer to a handle.
        unsafe { handle::give(cancel, "the place for the cancel", || Ok(Cancel::new())) }
    })
}

/// Asks every run that holds the cancel to stop. The runs answer within half a second with ENL_CANCELLED. It cannot
/// be taken back; doing it again does nothing.
///
/// Not for signal handlers: it takes a lock. Let a thread wait for the signal (sigwait) and call this.
///
/// @param cancel  The handle.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, any time, also from a callback. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_cancel_request(cancel: *const enl_cancel) -> i32 {
    guard(|| {
        let cancel = handle::with(cancel, |cancel: &Cancel| Ok(cancel.clone()))?;
        cancel.cancel();
        Ok(())
    })
}

/// Whether somebody has asked to stop.
///
/// @param cancel     The handle.
/// @param requested  Out: 1 if so, 0 if not.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, any time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_cancel_is_requested(cancel: *const enl_cancel, requested: *mut i32) -> i32 {
    guard(|| {
        let raised = handle::with(cancel, |cancel: &Cancel| Ok(cancel.is_cancelled()))?;
        // SAFETY: the header asks for a pointer to an int32_t.
        unsafe { write(requested, raised.into(), "the place for the answer") }
    })
}

/// Frees a cancel. Runs that hold it go on, and can no longer be stopped by it.
///
/// @param cancel  The handle; NULL is fine.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_cancel_free(cancel: *mut enl_cancel) -> i32 {
    guard(|| handle::release::<Cancel>(cancel))
}
