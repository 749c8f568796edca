//! The host's side: makes a [`RowStream`] from a library's stream.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use enlarger::{Cancel, Result, RowStream};

use crate::cancel::control;
use crate::errors::call;
use crate::session_handle::SessionHandle;
use crate::table::ROW;

pub(crate) struct LoadedStream {
    /// Keeps the session open while the stream is in use.
    handle: Arc<SessionHandle>,
    stream: *mut c_void,
}

// SAFETY: the interface requires that any thread can use a stream, one at a time.
unsafe impl Send for LoadedStream {}

impl LoadedStream {
    pub(crate) fn open(handle: &Arc<SessionHandle>, width: usize) -> Result<Option<Box<dyn RowStream>>> {
        let mut stream = ptr::null_mut();
        // SAFETY: a function of the engine, with its session.
        call(&handle.engine, |said| unsafe { (handle.table.stream)(handle.session, width, said, &raw mut stream) })?;
        if stream.is_null() {
            return Ok(None);
        }
        Ok(Some(Box::new(LoadedStream { handle: handle.clone(), stream })))
    }
}

impl RowStream for LoadedStream {
    fn push(&mut self, row: &[f32], cancel: &Cancel) -> Result<()> {
        let (table, control) = (self.handle.table, control(cancel));
        // SAFETY: a function of the engine, with its stream; the row and the control outlive the call.
        call(&self.handle.engine, |said| unsafe {
            (table.push)(self.stream, row.as_ptr(), row.len(), &raw const control, said)
        })
        .map(drop)
    }

    fn finish(&mut self, cancel: &Cancel) -> Result<()> {
        let (table, control) = (self.handle.table, control(cancel));
        // SAFETY: as above.
        call(&self.handle.engine, |said| unsafe { (table.finish)(self.stream, &raw const control, said) }).map(drop)
    }

    fn pull(&mut self, row: &mut [f32], cancel: &Cancel) -> Result<bool> {
        let (table, control) = (self.handle.table, control(cancel));
        // SAFETY: as above.
        let made = call(&self.handle.engine, |said| unsafe {
            (table.pull)(self.stream, row.as_mut_ptr(), row.len(), &raw const control, said)
        })?;
        Ok(made == ROW)
    }
}

impl Drop for LoadedStream {
    fn drop(&mut self) {
        // SAFETY: the stream is closed once, and nothing else uses it.
        unsafe { (self.handle.table.close_stream)(self.stream) };
    }
}
