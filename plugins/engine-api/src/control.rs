//! A cancel on both sides of the border.

use std::ffi::c_void;

use enlarger::{Cancel, CancelHook};

use crate::table::{Control, Hook};

/// The host's cancel, as engines see it. It must not outlive the cancel.
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
        // SAFETY: the engine keeps what its hook needs until it calls `forget`, and its hook may run on any thread.
        unsafe { (hook.call)(hook.context) };
    });
    Box::into_raw(Box::new(guard)).cast()
}

unsafe extern "C" fn forget(hook: *mut c_void) {
    // SAFETY: it is what `on_cancel` made, and passed here once.
    drop(unsafe { Box::from_raw(hook.cast::<CancelHook>()) });
}

struct Shared(Hook);

// SAFETY: the engine has promised that its hook may be called on any thread.
unsafe impl Send for Shared {}

/// An engine's own cancel, raised when the host's is, as long as this lives.
pub(crate) struct Mirror {
    cancel: Box<Cancel>,
    control: Control,
    hook: *mut c_void,
}

impl Mirror {
    /// # Safety
    /// The control is there for as long as this.
    pub(crate) unsafe fn new(control: *const Control) -> Self {
        unsafe extern "C" fn raise(context: *const c_void) {
            // SAFETY: it is the cancel in the box below, which lives until the hook is forgotten.
            unsafe { &*context.cast::<Cancel>() }.cancel();
        }
        // SAFETY: the caller's promise.
        let control = unsafe { *control };
        let cancel = Box::new(Cancel::new());
        let hook = Hook { context: (&raw const *cancel).cast(), call: raise };
        // SAFETY: the host's function; the cancel stays where it is.
        let hook = unsafe { (control.on_cancel)(control.context, hook) };
        Mirror { cancel, control, hook }
    }

    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        // SAFETY: it is what `on_cancel` gave, and forgotten once.
        unsafe { (self.control.forget)(self.hook) };
    }
}
