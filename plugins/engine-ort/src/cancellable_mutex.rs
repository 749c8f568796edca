//! A mutex whose waiting threads can be cancelled.
//!
//! Two threads must not run a session of ONNX Runtime at once, and a waiting thread must react to a cancellation quickly.
//! A panic of the thread that holds the value must not poison the mutex.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use enlarger::{Cancel, Result};

/// The longest time that a waiting thread sleeps before it checks for cancellation.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A value that one thread at a time can use.
pub(crate) struct CancellableMutex<T> {
    /// The value; `None` while a thread uses it.
    value: Mutex<Option<T>>,
    released: Condvar,
}

impl<T> CancellableMutex<T> {
    pub(crate) fn new(value: T) -> Self {
        CancellableMutex { value: Mutex::new(Some(value)), released: Condvar::new() }
    }

    /// Waits until no other thread uses the value.
    ///
    /// # Errors
    /// `Cancelled`.
    pub(crate) fn lock(&self, cancel: &Cancel) -> Result<CancellableMutexGuard<'_, T>> {
        let mut slot = self.slot();
        loop {
            cancel.check()?;
            if let Some(value) = slot.take() {
                return Ok(CancellableMutexGuard { mutex: self, value: Some(value) });
            }
            slot = self.released.wait_timeout(slot, POLL_INTERVAL).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<T>> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Exclusive access to the value, until it is dropped.
pub(crate) struct CancellableMutexGuard<'a, T> {
    mutex: &'a CancellableMutex<T>,
    value: Option<T>,
}

impl<T> Deref for CancellableMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("the guard has the value until it is dropped")
    }
}

impl<T> DerefMut for CancellableMutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("the guard has the value until it is dropped")
    }
}

impl<T> Drop for CancellableMutexGuard<'_, T> {
    fn drop(&mut self) {
        *self.mutex.slot() = self.value.take();
        self.mutex.released.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use std::time::Instant;

    #[test]
    fn a_waiting_thread_can_be_cancelled_and_a_panic_does_not_poison() {
        let mutex = CancellableMutex::new(1);
        let mut guard = mutex.lock(&Cancel::new()).unwrap();
        let cancel = Cancel::new();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| mutex.lock(&cancel).is_err());
            thread::sleep(Duration::from_millis(20));
            let start = Instant::now();
            cancel.cancel();
            assert!(waiting.join().unwrap());
            assert!(start.elapsed() < Duration::from_millis(400));
        });
        *guard += 1;
        drop(guard);
        let _ = thread::scope(|scope| {
            scope
                .spawn(|| {
                    let _guard = mutex.lock(&Cancel::new()).unwrap();
                    panic!("while holding the guard");
                })
                .join()
        });
        assert_eq!(*mutex.lock(&Cancel::new()).unwrap(), 2);
    }
}
