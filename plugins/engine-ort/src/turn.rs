//! Taking turns.
//!
//! ONNX Runtime's sessions must not be run by two threads at once, and a thread that waits for its turn must still be
//! cancelled at once. It must never be lost: whoever took the thing gives it back, even by a panic.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use enlarger::{Cancel, Result};

/// How long a waiting thread may sleep before it looks whether it was cancelled.
const NAP: Duration = Duration::from_millis(50);

/// Something that one thread at a time may have.
pub(crate) struct Turn<T> {
    thing: Mutex<Option<T>>,
    back: Condvar,
}

impl<T> Turn<T> {
    pub(crate) fn new(thing: T) -> Self {
        Turn { thing: Mutex::new(Some(thing)), back: Condvar::new() }
    }

    /// Waits for the thing.
    ///
    /// # Errors
    /// `Cancelled`.
    pub(crate) fn take(&self, cancel: &Cancel) -> Result<Taken<'_, T>> {
        let mut guard = self.lock();
        loop {
            cancel.check()?;
            if let Some(thing) = guard.take() {
                return Ok(Taken { turn: self, thing: Some(thing) });
            }
            guard = self.back.wait_timeout(guard, NAP).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.thing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thing, until it is dropped.
pub(crate) struct Taken<'a, T> {
    turn: &'a Turn<T>,
    thing: Option<T>,
}

impl<T> Deref for Taken<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.thing.as_ref().expect("it is given back only when dropped")
    }
}

impl<T> DerefMut for Taken<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.thing.as_mut().expect("it is given back only when dropped")
    }
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        *self.turn.lock() = self.thing.take();
        self.turn.back.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use std::time::Instant;

    #[test]
    fn a_waiting_thread_is_cancelled_and_the_thing_is_not_lost() {
        let turn = Turn::new(1);
        let mut taken = turn.take(&Cancel::new()).unwrap();
        let cancel = Cancel::new();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| turn.take(&cancel).is_err());
            thread::sleep(Duration::from_millis(20));
            let start = Instant::now();
            cancel.cancel();
            assert!(waiting.join().unwrap());
            assert!(start.elapsed() < Duration::from_millis(400));
        });
        *taken += 1;
        drop(taken);
        let _ = thread::scope(|scope| {
            scope
                .spawn(|| {
                    let _taken = turn.take(&Cancel::new()).unwrap();
                    panic!("with the thing in hand");
                })
                .join()
        });
        assert_eq!(*turn.take(&Cancel::new()).unwrap(), 2);
    }
}
