//! Cancellation: stopping a run from any thread.
//!
//! A cancellation token is a flag that running code polls, with hooks for code that waits inside a library. Once
//! cancelled, a token must stay cancelled.

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

/// A cancellation token, shared by all its clones.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Inner>);

impl Cancel {
    /// Creates a cancellation token. Several runs may share one; cancelling it stops them all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests that everything that holds a clone stops. May be called from any thread, at any time, repeatedly.
    pub fn cancel(&self) {
        let hooks = self.hooks();
        if !self.0.raised.swap(true, Ordering::SeqCst) {
            hooks.iter().for_each(|(_, hook)| hook());
        }
    }

    /// Whether the token was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.raised.load(Ordering::SeqCst)
    }

    /// Returns an error if the token was cancelled.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
    }

    /// Calls `hook` when the token is cancelled, until the returned guard is dropped. If it was cancelled already, the
    /// hook is called at once.
    ///
    /// The hook runs on the thread that cancels. It must be quick and must not use this token.
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
        // A hook that panics leaves the list unchanged.
        self.0.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

/// Keeps a hook of [`Cancel::on_cancel`] registered while it lives.
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

/// A token for one run. It is cancelled with its parent, and also when it is dropped, so that everything that still
/// works for the run stops.
#[derive(Debug)]
pub struct ChildCancel {
    cancel: Cancel,
    _hook: CancelHook,
}

impl ChildCancel {
    /// Creates a token that is cancelled with `parent`. Cancelling it does not cancel `parent`.
    pub fn new(parent: &Cancel) -> Self {
        let cancel = Cancel::new();
        let child = cancel.clone();
        ChildCancel { cancel, _hook: parent.on_cancel(move || child.cancel()) }
    }

    /// The token.
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
    fn hooks_run_once_and_only_while_their_guard_lives() {
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
