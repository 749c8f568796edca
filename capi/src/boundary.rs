//! What every exported function does at the boundary to C: catch panics, and read and write the caller's memory.
//!
//! A pointer is NULL or points to what the header says; nothing more is assumed. The caller's memory is copied, never
//! borrowed as a Rust reference, because it may be misaligned or in use by other threads.

use std::any::Any;
use std::ffi::{CStr, c_char};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::status::{ENL_ERROR_ARGUMENT, ENL_ERROR_BUFFER, ENL_ERROR_NULL, ENL_ERROR_PANIC, ENL_OK, Failure, Result};

/// Runs the body of an exported function. Failures and panics become a status and an error message.
pub(crate) fn guard(body: impl FnOnce() -> Result<()>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => ENL_OK,
        Ok(Err(failure)) => failure.record(),
        Err(panic) => {
            let message = format!("a panic inside the library ({}); please report it", text_of(&*panic));
            // Dropping a panic's payload may panic, and so may dropping the payload of that panic.
            mem::forget(catch_unwind(AssertUnwindSafe(|| drop(panic))));
            Failure::new(ENL_ERROR_PANIC, message).record()
        }
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

pub(crate) fn null(what: &str) -> Failure {
    Failure::new(ENL_ERROR_NULL, format!("{what} is NULL; pass a valid pointer"))
}

/// Checks a field that is reserved for later versions.
pub(crate) fn check_reserved(reserved: u32, what: &str) -> Result<()> {
    if reserved == 0 {
        return Ok(());
    }
    let message = format!("'reserved' in {what} is not 0; set the whole struct to zero before filling it in");
    Err(Failure::new(ENL_ERROR_ARGUMENT, message))
}

/// Reads a struct from the caller's memory.
///
/// # Safety
/// `from` is NULL or points to a `T`, aligned or not.
pub(crate) unsafe fn read<T: Copy>(from: *const T, what: &str) -> Result<T> {
    if from.is_null() {
        return Err(null(what));
    }
    // SAFETY: the caller of this function promises it.
    Ok(unsafe { from.read_unaligned() })
}

/// Writes a result to the caller's memory. Call it last, because a failed call must not write results.
///
/// # Safety
/// `to` is NULL or points to memory for a `T`, aligned or not.
pub(crate) unsafe fn write<T>(to: *mut T, value: T, what: &str) -> Result<()> {
    if to.is_null() {
        return Err(null(what));
    }
    // SAFETY: the caller of this function promises it.
    unsafe { to.write_unaligned(value) };
    Ok(())
}

/// Reads a text from the caller's memory.
///
/// # Safety
/// `from` is NULL or points to bytes that end with a NUL.
pub(crate) unsafe fn read_text(from: *const c_char, what: &str) -> Result<String> {
    if from.is_null() {
        return Err(null(what));
    }
    // SAFETY: the caller of this function promises it.
    let bytes = unsafe { CStr::from_ptr(from) };
    match bytes.to_str() {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(Failure::new(ENL_ERROR_ARGUMENT, format!("{what} is not valid UTF-8; convert it first"))),
    }
}

/// Writes the length of a text and, if there is a buffer, the text itself.
///
/// # Safety
/// `buffer` is NULL or points to `size` bytes; `length` is NULL or points to a `size_t`.
pub(crate) unsafe fn write_text(text: &str, buffer: *mut c_char, size: usize, length: *mut usize) -> Result<()> {
    if buffer.is_null() && length.is_null() {
        return Err(null("both 'buffer' and 'length'"));
    }
    // C would take a NUL inside for the end of the text.
    let text = text.replace('\0', "\u{fffd}");
    if !length.is_null() {
        // SAFETY: the caller of this function promises it.
        unsafe { write(length, text.len(), "'length'")? };
    }
    if buffer.is_null() {
        return Ok(());
    }
    if size <= text.len() {
        let message =
            format!("the text needs {} bytes but the buffer has {size}; pass a larger buffer", text.len() + 1);
        return Err(Failure::new(ENL_ERROR_BUFFER, message));
    }
    // SAFETY: the text and its NUL fit into `size` bytes, and the text is not in the caller's memory.
    unsafe {
        ptr::copy_nonoverlapping(text.as_ptr().cast(), buffer, text.len());
        buffer.add(text.len()).write(0);
    }
    Ok(())
}
