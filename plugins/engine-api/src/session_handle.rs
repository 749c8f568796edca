//! The host's side: a session of an engine library, closed when nothing uses it any more.

use std::ffi::c_void;

use crate::table::Table;

/// An open session.
pub(crate) struct SessionHandle {
    pub(crate) table: &'static Table,
    /// The engine's id.
    pub(crate) engine: String,
    pub(crate) session: *const c_void,
}

// SAFETY: the interface requires that a session can be used from any thread, and from several at once.
unsafe impl Send for SessionHandle {}
// SAFETY: as above.
unsafe impl Sync for SessionHandle {}

impl Drop for SessionHandle {
    fn drop(&mut self) {
        // SAFETY: the session is closed once, and everything that uses it holds this handle.
        unsafe { (self.table.close)(self.session) };
    }
}
