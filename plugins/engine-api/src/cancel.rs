//! Passes a cancellation from the host to the engine. Both sides are here: the host makes a [`Control`] from its [`Cancel`],
//! and a Rust engine makes a [`Cancel`] of its own that follows the `Control`.

use std::ffi::c_void;

use enlarger::{Cancel, CancelHook};

use crate::table::{Control, Hook};

/// The host's cancel as a [`Control`] for engines. The result must not outlive the cancel.
pub(crate) fn control(cancel: &Cancel) -> Control {
    Control { context: (&raw const *cancel).cast(), is_cancelled, on_cancel, forget }
}

unsafe extern "C" fn is_cancelled(context: *const c_void) -> u32 {
    // SAFETY: the context is the cancel that `control` was given, which outlives the call it was passed to.
    u32::from(unsafe { &*context.cast::<Cancel>() }.is_cancelled())
}

unsafe extern "C" fn on_cancel(context: *const c_void, hook: Hook) -> *mut c_void {
    // SAFETY: as above.
    let cancel = unsafe { &*context.cast::<Cancel>() };
    let shared = Shared(hook);
    let guard = cancel.on_cancel(move || {
        let Shared(hook) = &shared;
        // SAFETY: the engine keeps the hook's context until it calls `forget`, and its hook may run on any thread.
        unsafe { (hook.call)(hook.context) };
    });
    Box::into_raw(Box::new(guard)).cast()
}

unsafe extern "C" fn forget(hook: *mut c_void) {
    // SAFETY: the pointer was made by `on_cancel` and is passed here once.
    drop(unsafe { Box::from_raw(hook.cast::<CancelHook>()) });
}

struct Shared(Hook);

// SAFETY: the interface requires that a hook may be called on any thread.
unsafe impl Send for Shared {}

/// The engine's own cancel. It is cancelled when the host's is, until this value is dropped.
pub(crate) struct EngineCancel {
    cancel: Box<Cancel>,
    control: Control,
    hook: *mut c_void,
}

impl EngineCancel {
    /// # Safety
    /// The control must outlive the result.
    pub(crate) unsafe fn new(control: *const Control) -> Self {
        unsafe extern "C" fn forward(context: *const c_void) {
            // SAFETY: the context is the cancel in the box below, which lives until the hook is removed.
            unsafe { &*context.cast::<Cancel>() }.cancel();
        }
        // SAFETY: promised by the caller.
        let control = unsafe { *control };
        let cancel = Box::new(Cancel::new());
        let hook = Hook { context: (&raw const *cancel).cast(), call: forward };
        // SAFETY: a function of the host; the box keeps the cancel at its address.
        let hook = unsafe { (control.on_cancel)(control.context, hook) };
        EngineCancel { cancel, control, hook }
    }

    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

impl Drop for EngineCancel {
    fn drop(&mut self) {
        // SAFETY: the hook was returned by `on_cancel` and is removed once.
        unsafe { (self.control.forget)(self.hook) };
    }
}
