//! Passes errors from the engine to the host: a status code as the result, and a message through [`Said`].

use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use enlarger::{Error, ErrorKind, Result};

use crate::table::{OK, Said, Text};

/// The engine's side: runs `work`, passes the message of an error or a panic to the host, and returns its code.
pub(crate) fn guard(said: Said, work: impl FnOnce() -> Result<i32>) -> i32 {
    let error = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(result)) => return result,
        Ok(Err(error)) => error,
        Err(panic) => {
            Error::new(ErrorKind::Panic, format!("the engine panicked: {}; please report it", panic_message(&*panic)))
        }
    };
    // SAFETY: a function of the host, with a text that is valid during the call.
    unsafe { (said.say)(said.context, Text::of(&error.to_string())) };
    error.kind().code()
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

/// The host's side: calls a function of the engine. A negative result becomes an error with the engine's message; any other
/// result is returned.
pub(crate) fn call(engine: &str, call: impl FnOnce(Said) -> i32) -> Result<i32> {
    unsafe extern "C" fn say(context: *mut c_void, sentence: Text) {
        // SAFETY: the context is the string below, which outlives the call; the text is valid during the call.
        unsafe { *context.cast::<String>() = sentence.text() };
    }
    let mut message = String::new();
    let code = call(Said { context: (&raw mut message).cast(), say });
    if code >= OK {
        return Ok(code);
    }
    let kind = ErrorKind::from_code(code);
    if !message.is_empty() {
        return Err(Error::new(kind, message));
    }
    // A cancelled call needs no message.
    if kind == ErrorKind::Cancelled {
        return Err(Error::cancelled());
    }
    let message = format!("the engine {engine} failed with code {code} and without a message; try another engine");
    Err(Error::new(kind, message))
}
