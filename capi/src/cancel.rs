//! Cancellation tokens: stop a run from another thread.

use enlarger::Cancel;

use crate::boundary::{guard, write};
use crate::handle::{self, HandleType, Table};
use crate::status::Result;

/// A cancellation token. Pass it to runs; any thread can request cancellation.
#[allow(non_camel_case_types)]
pub struct enl_cancel(());

impl HandleType for Cancel {
    type Opaque = enl_cancel;
    const KIND: usize = 4;
    fn table() -> &'static Table<Self> {
        static TABLE: Table<Cancel> = Table::new();
        &TABLE
    }
}

/// The caller's token; for NULL, a new one.
pub(crate) fn from_handle(cancel: *const enl_cancel) -> Result<Cancel> {
    match cancel.is_null() {
        true => Ok(Cancel::new()),
        false => handle::with(cancel, |cancel: &Cancel| Ok(cancel.clone())),
    }
}

/// Creates a cancellation token. Several runs may share one; requesting cancellation stops them all.
///
/// @param cancel  Out: the new handle, to be freed with enl_cancel_free; NULL on failure.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_LIMIT.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_cancel_new(cancel: *mut *mut enl_cancel) -> i32 {
    guard(|| {
        // SAFETY: the header requires a pointer to a handle.
        unsafe { handle::create(cancel, "'cancel'", || Ok(Cancel::new())) }
    })
}

/// Requests cancellation of every run with this token. The runs return ENL_CANCELLED within half a second. A request
/// cannot be undone; further requests have no effect.
///
/// Do not call this function in a signal handler, because it takes a lock. Instead, wait for the signal in a thread
/// (sigwait) and call it there.
///
/// @param cancel  The handle.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, at any time, also in callbacks. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_cancel_request(cancel: *const enl_cancel) -> i32 {
    guard(|| {
        let cancel = handle::with(cancel, |cancel: &Cancel| Ok(cancel.clone()))?;
        cancel.cancel();
        Ok(())
    })
}

/// Tells whether cancellation was requested.
///
/// @param cancel     The handle.
/// @param requested  Out: 1 if it was requested, otherwise 0.
/// @return ENL_OK, ENL_ERROR_NULL, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any, at any time. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_cancel_is_requested(cancel: *const enl_cancel, requested: *mut i32) -> i32 {
    guard(|| {
        let raised = handle::with(cancel, |cancel: &Cancel| Ok(cancel.is_cancelled()))?;
        // SAFETY: the header requires a pointer to an int32_t.
        unsafe { write(requested, raised.into(), "'requested'") }
    })
}

/// Frees a cancellation token. Runs with this token continue and can no longer be cancelled by it.
///
/// @param cancel  The handle; NULL is ignored.
/// @return ENL_OK, ENL_ERROR_BAD_HANDLE.
///
/// Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn enl_cancel_free(cancel: *mut enl_cancel) -> i32 {
    guard(|| handle::release::<Cancel>(cancel))
}
