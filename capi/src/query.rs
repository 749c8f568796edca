//! What functions that query an object have in common: a count, a text, or a property by name.
//!
//! The answer is complete before any of the caller's memory is written.

use std::ffi::c_char;

use crate::boundary::{guard, read_text, write, write_text};
use crate::handle::{self, HandleType};
use crate::status::Result;

/// The caller's buffer for a text: the last three parameters of every function that returns one.
pub(crate) struct TextBuffer {
    pub(crate) data: *mut c_char,
    /// In bytes.
    pub(crate) size: usize,
    /// Receives the length of the text.
    pub(crate) length: *mut usize,
}

/// Writes a count to `count`.
///
/// # Safety
/// `count` is NULL or points to a `size_t`.
pub(crate) unsafe fn count<T: HandleType>(
    handle: *const T::Opaque,
    count: *mut usize,
    ask: impl FnOnce(&T) -> usize,
) -> i32 {
    guard(|| {
        let answer = handle::with(handle, |object| Ok(ask(object)))?;
        // SAFETY: the caller of this function promises it.
        unsafe { write(count, answer, "'count'") }
    })
}

/// Writes a text to `buffer`.
///
/// # Safety
/// The buffer's data is NULL or has its size; its length is NULL or points to a `size_t`.
pub(crate) unsafe fn text<T: HandleType>(
    handle: *const T::Opaque,
    buffer: TextBuffer,
    ask: impl FnOnce(&T) -> Result<String>,
) -> i32 {
    guard(|| {
        let answer = handle::with(handle, ask)?;
        let TextBuffer { data, size, length } = buffer;
        // SAFETY: the caller of this function promises it.
        unsafe { write_text(&answer, data, size, length) }
    })
}

/// Writes the value of a property to `buffer`.
///
/// # Safety
/// As [`text`]; `property` is NULL or a text.
pub(crate) unsafe fn property<T: HandleType>(
    handle: *const T::Opaque,
    property: *const c_char,
    buffer: TextBuffer,
    ask: impl FnOnce(&T, &str) -> Result<String>,
) -> i32 {
    let ask = |object: &T| {
        // SAFETY: the caller of this function promises it.
        let property = unsafe { read_text(property, "the property")? };
        ask(object, &property)
    };
    // SAFETY: as above.
    unsafe { text(handle, buffer, ask) }
}
