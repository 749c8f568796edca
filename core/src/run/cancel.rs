//! Stopping a run from any thread.
//!
//! A cancel is a flag that everybody looks at, and hooks for those who are asleep inside a library.
//! It can be raised once and never lowered.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};

type Hook = Box<dyn Fn() + Send>;

#[derive(Default)]
struct Inner {
    raised: AtomicBool,
    hooks: Mutex<Vec<(u64, Hook)>>,
}

/// A wish to stop, shared by all its clones.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Inner>);

impl Cancel {
    /// A cancel that nobody has raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everything that holds a clone to stop. Any thread, any time, any number of times.
    pub fn cancel(&self) {
        let hooks = self.hooks();
        if !self.0.raised.swap(true, Ordering::SeqCst) {
            hooks.iter().for_each(|(_, hook)| hook());
        }
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.raised.load(Ordering::SeqCst)
    }

    /// # Errors
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) once somebody asked to stop.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
    }

    /// Calls `hook` when somebody asks to stop (at once if that has happened already), until the guard is dropped.
    ///
    /// The hook runs on the thread that cancels. It must be quick and must not touch this cancel.
    pub fn on_cancel(&self, hook: impl Fn() + Send + 'static) -> CancelHook {
        let mut hooks = self.hooks();
        let id = hooks.last().map_or(0, |(id, _)| id + 1);
        if self.is_cancelled() {
            hook();
        }
        hooks.push((id, Box::new(hook)));
        CancelHook { cancel: self.clone(), id }
    }

    fn hooks(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Hook)>> {
        // A hook that panicked leaves the list as it was.
        self.0.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

/// Keeps a hook of [`Cancel::on_cancel`] in place.
#[derive(Debug)]
pub struct CancelHook {
    cancel: Cancel,
    id: u64,
}

impl Drop for CancelHook {
    fn drop(&mut self) {
        self.cancel.hooks().retain(|(id, _)| *id != self.id);
    }
}

/// A cancel for one run: raised with the caller's, and when the run ends, however it does. What still works then works
/// for nobody.
#[derive(Debug)]
pub struct ChildCancel {
    cancel: Cancel,
    _hook: CancelHook,
}

impl ChildCancel {
    /// One that `outer` raises, and that does not raise `outer`.
    pub fn new(outer: &Cancel) -> Self {
        let cancel = Cancel::new();
        let inner = cancel.clone();
        ChildCancel { cancel, _hook: outer.on_cancel(move || inner.cancel()) }
    }

    /// The cancel itself.
    pub fn get(&self) -> &Cancel {
        &self.cancel
    }
}

impl Drop for ChildCancel {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn hooks_run_once_and_only_while_held() {
        let (cancel, count) = (Cancel::new(), Arc::new(AtomicUsize::new(0)));
        let hook = |count: &Arc<AtomicUsize>| {
            let count = count.clone();
            move || {
                count.fetch_add(1, Ordering::SeqCst);
            }
        };
        drop(cancel.on_cancel(hook(&count)));
        let _kept = cancel.on_cancel(hook(&count));
        cancel.cancel();
        cancel.cancel();
        assert_eq!(count.load(Ordering::SeqCst), 1);
        let _late = cancel.on_cancel(hook(&count));
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}
