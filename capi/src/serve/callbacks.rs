//! The callbacks that the library gets in place of the host's: each asks the host. All but rows wait for what its callback returned.
//!
//! They run on the thread of the call, as the header promises, so the call that runs on this thread is the one that they belong to.

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_void};
use std::rc::Rc;
use std::slice;

use super::host::Running;
use super::rows::Rows;
use super::wire::{Reader, Result};
use crate::progress::enl_progress;

/// Which callback is called.
const PROGRESS: u8 = 1;
const STEP: u8 = 2;
pub(super) const READ: u8 = 3;
pub(super) const WRITE: u8 = 4;
const LOG: u8 = 5;

thread_local! {
    /// The calls that run on this thread: one, and those that its callbacks make, the innermost last.
    static RUNNING: RefCell<Vec<Rc<Running>>> = const { RefCell::new(Vec::new()) };
}

/// Does work that belongs to a call.
pub(super) fn during<T>(call: Rc<Running>, work: impl FnOnce() -> T) -> T {
    RUNNING.with_borrow_mut(|running| running.push(call));
    let done = work();
    RUNNING.with_borrow_mut(|running| running.pop());
    done
}

/// Does something with the rows of the call that runs on this thread; without one, nothing, and 0 is returned.
pub(super) fn with_rows(work: impl FnOnce(&mut Rows, &Running) -> Result<i32>) -> i32 {
    let Some(call) = RUNNING.with_borrow(|running| running.last().cloned()) else { return 0 };
    let done = work(&mut call.rows.borrow_mut(), &call);
    done.unwrap_or_else(|garbage| super::end_with(&garbage))
}

/// Changes what is known of the rows of the call whose arguments this thread reads, if there is one.
pub(super) fn set_rows(set: impl FnOnce(&mut Rows)) {
    RUNNING.with_borrow(|running| {
        if let Some(call) = running.last() {
            set(&mut call.rows.borrow_mut());
        }
    });
}

/// Asks the host after the rows before the question, and returns what its callback does, or what has stopped the call before.
fn ask(kind: u8, content: &[&[u8]]) -> i32 {
    with_rows(|rows, call| {
        if let Some(stopped) = rows.finish(call)?
            && kind != LOG
        {
            return Ok(stopped);
        }
        call.ask(&[&[kind][..], &content.concat()].concat());
        let answer = call.answer();
        let mut reader = Reader::new(&answer);
        let returned = reader.i32()?;
        reader.end().map(|()| returned)
    })
}

pub(super) unsafe extern "C" fn progress(_: *mut c_void, progress: *const enl_progress) -> i32 {
    // SAFETY: the library passes a report. It has no padding.
    let bytes = unsafe { slice::from_raw_parts(progress.cast::<u8>(), size_of::<enl_progress>()) };
    ask(PROGRESS, &[bytes])
}

pub(super) unsafe extern "C" fn step(_: *mut c_void, fraction: f64, text: *const c_char) -> i32 {
    // SAFETY: the library passes a text.
    let text = unsafe { CStr::from_ptr(text) };
    ask(STEP, &[&fraction.to_ne_bytes(), text.to_bytes()])
}

pub(super) unsafe extern "C" fn read(_: *mut c_void, x: u32, y: u32, row: *mut c_void, size: usize) -> i32 {
    // SAFETY: the library passes memory of that size, which it has written before.
    let row = unsafe { slice::from_raw_parts_mut(row.cast::<u8>(), size) };
    with_rows(|rows, call| rows.read(call, x, y, row))
}

pub(super) unsafe extern "C" fn write(_: *mut c_void, y: u32, row: *const c_void, size: usize) -> i32 {
    // SAFETY: the library passes memory of that size.
    let row = unsafe { slice::from_raw_parts(row.cast::<u8>(), size) };
    with_rows(|rows, call| rows.write(call, y, row))
}

pub(super) unsafe extern "C" fn log(which: *mut c_void, level: i32, text: *const c_char) {
    // SAFETY: the library passes a text.
    let text = unsafe { CStr::from_ptr(text) };
    ask(LOG, &[&(which.addr() as u64).to_ne_bytes(), &level.to_ne_bytes(), text.to_bytes()]);
}
