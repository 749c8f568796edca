//! Answers to what a program asks of an object: how many there are, what a property says.
//!
//! The edge that all such functions share. The answer is made first; the caller's memory is touched last.

use std::ffi::c_char;

use crate::boundary::{give_text, guard, read_text, write};
use crate::handle::{self, Noun};
use crate::status::Result;

/// Where a text goes: the three last parameters of every function that gives one.
pub(crate) struct Room(pub(crate) *mut c_char, pub(crate) usize, pub(crate) *mut usize);

/// Answers with a number.
///
/// # Safety
/// `count` is NULL or points to a `size_t`.
pub(crate) unsafe fn count<T: Noun>(handle: *const T::Opaque, count: *mut usize, ask: impl FnOnce(&T) -> usize) -> i32 {
    guard(|| {
        let answer = handle::with(handle, |object| Ok(ask(object)))?;
        // SAFETY: the caller of this function promises it.
        unsafe { write(count, answer, "the place for the count") }
    })
}

/// Answers with a text.
///
/// # Safety
/// The room's buffer is NULL or has its size, its length is NULL or points to a `size_t`.
pub(crate) unsafe fn text<T: Noun>(
    handle: *const T::Opaque,
    room: Room,
    ask: impl FnOnce(&T) -> Result<String>,
) -> i32 {
    guard(|| {
        let answer = handle::with(handle, ask)?;
        let Room(buffer, size, length) = room;
        // SAFETY: the caller of this function promises it.
        unsafe { give_text(&answer, buffer, size, length) }
    })
}

/// Answers with what a property says.
///
/// # Safety
/// As [`text`]; `property` is NULL or a text.
pub(crate) unsafe fn property<T: Noun>(
    handle: *const T::Opaque,
    property: *const c_char,
    room: Room,
    ask: impl FnOnce(&T, &str) -> Result<String>,
) -> i32 {
    let ask = |object: &T| {
        // SAFETY: the caller of this function promises it.
        let property = unsafe { read_text(property, "the property")? };
        ask(object, &property)
    };
    // SAFETY: as above.
    unsafe { text(handle, room, ask) }
}
