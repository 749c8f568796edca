//! What every exported function does at its edge: stop panics, and read and write the caller's memory.
//!
//! Nothing here trusts a pointer beyond what C promises with it: that it is NULL or points to what the header says. Memory of the
//! caller is copied in and out, never borrowed as a Rust reference: it may be misaligned, and others may hold it too.

use std::any::Any;
use std::ffi::{CStr, c_char};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::status::{ENL_ERROR_ARGUMENT, ENL_ERROR_BUFFER, ENL_ERROR_NULL, ENL_ERROR_PANIC, ENL_OK, Failure, Result};

/// Runs the body of an exported function; failures and panics become a status and a sentence.
pub(crate) fn guard(body: impl FnOnce() -> Result<()>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => ENL_OK,
        Ok(Err(failure)) => failure.record(),
        Err(panic) => {
            let message = format!("a panic inside the library ({}); please report it", text_of(&*panic));
            // What was thrown may panic when it is dropped, and so may what that throws.
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
    Failure::new(ENL_ERROR_NULL, format!("{what} is NULL; give one"))
}

/// What a later version may give a meaning must be 0 until then.
pub(crate) fn check_reserved(reserved: u32, what: &str) -> Result<()> {
    if reserved == 0 {
        return Ok(());
    }
    let message = format!("'reserved' in {what} is not 0; clear the struct before it is filled");
    Err(Failure::new(ENL_ERROR_ARGUMENT, message))
}

/// Reads a struct of the caller's.
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

/// Writes a result, once everything else has gone well.
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

/// Reads a text of the caller's.
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
        Err(_) => Err(Failure::new(ENL_ERROR_ARGUMENT, format!("{what} is not UTF-8; convert it first"))),
    }
}

/// Gives a text to the caller: its length, and itself where there is room.
///
/// # Safety
/// `buffer` is NULL or points to `size` bytes; `length` is NULL or points to a `size_t`.
pub(crate) unsafe fn give_text(text: &str, buffer: *mut c_char, size: usize, length: *mut usize) -> Result<()> {
    if buffer.is_null() && length.is_null() {
        return Err(null("the buffer and the length"));
    }
    // A NUL inside would hide the rest.
    let text = text.replace('\0', "\u{fffd}");
    if !length.is_null() {
        // SAFETY: the caller of this function promises it.
        unsafe { write(length, text.len(), "the length")? };
    }
    if buffer.is_null() {
        return Ok(());
    }
    if size <= text.len() {
        let message = format!("the text takes {} bytes and the buffer has {size}; give a larger one", text.len() + 1);
        return Err(Failure::new(ENL_ERROR_BUFFER, message));
    }
    // SAFETY: the text and its NUL fit into `size` bytes.
    unsafe { copy_text(&text, buffer) };
    Ok(())
}

/// Copies a text and a NUL.
///
/// # Safety
/// `buffer` points to at least `text.len() + 1` bytes.
pub(crate) unsafe fn copy_text(text: &str, buffer: *mut c_char) {
    // SAFETY: the caller of this function promises the room; the text is ours and lies elsewhere.
    unsafe {
        ptr::copy_nonoverlapping(text.as_ptr().cast(), buffer, text.len());
        buffer.add(text.len()).write(0);
    }
}
