//! Failures on their way across the border: a code, and a sentence that somebody on the other side takes.

use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use enlarger::{Error, ErrorKind, Result};

use crate::table::{OK, Said, Text};

/// Runs what an engine does for a host. A failure or a panic is said and becomes its code.
pub(crate) fn guard(said: Said, work: impl FnOnce() -> Result<i32>) -> i32 {
    let error = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(result)) => return result,
        Ok(Err(error)) => error,
        Err(panic) => {
            Error::new(ErrorKind::Panic, format!("the engine panicked: {}; please report it", words(&*panic)))
        }
    };
    // SAFETY: the host's function takes a text that is valid now.
    unsafe { (said.say)(said.context, Text::of(&error.to_string())) };
    error.kind().code()
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it did not say why")
}

/// Makes a call that may fail. What it returns is its own unless it is negative.
pub(crate) fn call(engine: &str, call: impl FnOnce(Said) -> i32) -> Result<i32> {
    unsafe extern "C" fn say(context: *mut c_void, sentence: Text) {
        // SAFETY: the context is the sentence below, which outlives the call; the text is valid while it is passed.
        unsafe { *context.cast::<String>() = sentence.text() };
    }
    let mut sentence = String::new();
    let code = call(Said { context: (&raw mut sentence).cast(), say });
    if code >= OK {
        return Ok(code);
    }
    let kind = ErrorKind::from_code(code);
    if !sentence.is_empty() {
        return Err(Error::new(kind, sentence));
    }
    // Who was told to stop needs not say why it did.
    if kind == ErrorKind::Cancelled {
        return Err(Error::cancelled());
    }
    let sentence = format!("the engine {engine} failed with code {code} and did not say why; try another engine");
    Err(Error::new(kind, sentence))
}
