//! Buffers that are used again instead of being freed and allocated.
//!
//! Fresh memory costs page faults. A buffer taken from here may have any length and any content; nothing must rely on
//! either.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Buffers that are not in use, shared by all threads.
#[derive(Default)]
pub(crate) struct BufferRecycler<T>(Mutex<Vec<T>>);

impl<T: Default> BufferRecycler<T> {
    /// The buffer that was put back last, or a new one.
    pub(crate) fn take(&self) -> T {
        lock(&self.0).pop().unwrap_or_default()
    }

    pub(crate) fn put_back(&self, buffer: T) {
        lock(&self.0).push(buffer);
    }
}

/// Locks a mutex even if a thread panicked while it held it; that panic is reported elsewhere.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
