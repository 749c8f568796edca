//! Memory that is used again: who has done with it gives it back, and the next one takes it.
//!
//! What comes out may be of any length and hold anything.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A store, which all threads share.
#[derive(Default)]
pub(crate) struct Store<T>(Mutex<Vec<T>>);

impl<T: Default> Store<T> {
    /// What was given back last, or a new one.
    pub(crate) fn take(&self) -> T {
        lock(&self.0).pop().unwrap_or_default()
    }

    pub(crate) fn give(&self, thing: T) {
        lock(&self.0).push(thing);
    }
}

/// A panic elsewhere is no reason for another one.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
