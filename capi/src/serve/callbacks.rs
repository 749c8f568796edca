//! The callbacks that the library gets in place of the host's: each asks the host, and waits for what its callback returned.
//!
//! They run on the thread of the call, as the header promises, so the call that runs on this thread is the one that they belong to.

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_void};
use std::rc::Rc;
use std::{ptr, slice};

use super::host::Running;
use super::wire::Reader;
use crate::progress::enl_progress;
use crate::stream::ENL_CONTINUE;

/// Which callback is called.
const PROGRESS: u8 = 1;
const STEP: u8 = 2;
const READ: u8 = 3;
const WRITE: u8 = 4;
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

/// Asks the host, and gives the answer to `read`. Without a call nobody can be asked, and the answer is 0.
fn ask(kind: u8, content: &[&[u8]], read: impl FnOnce(&mut Reader<'_>) -> super::wire::Result<()>) -> i32 {
    let Some(call) = RUNNING.with_borrow(|running| running.last().cloned()) else { return 0 };
    let payload = [&[kind][..], &content.concat()].concat();
    let answer = call.ask(&payload);
    let mut reader = Reader::new(&answer);
    let understood = reader.i32().and_then(|returned| {
        if returned == ENL_CONTINUE {
            read(&mut reader)?;
        }
        reader.end().map(|()| returned)
    });
    understood.unwrap_or_else(|garbage| super::end_with(&garbage))
}

pub(super) unsafe extern "C" fn progress(_: *mut c_void, progress: *const enl_progress) -> i32 {
    // SAFETY: the library passes a report. It has no padding.
    let bytes = unsafe { slice::from_raw_parts(progress.cast::<u8>(), size_of::<enl_progress>()) };
    ask(PROGRESS, &[bytes], |_| Ok(()))
}

pub(super) unsafe extern "C" fn step(_: *mut c_void, fraction: f64, text: *const c_char) -> i32 {
    // SAFETY: the library passes a text.
    let text = unsafe { CStr::from_ptr(text) };
    ask(STEP, &[&fraction.to_ne_bytes(), text.to_bytes()], |_| Ok(()))
}

pub(super) unsafe extern "C" fn read(_: *mut c_void, x: u32, y: u32, row: *mut c_void, size: usize) -> i32 {
    let asked = [&x.to_ne_bytes()[..], &y.to_ne_bytes(), &(size as u64).to_ne_bytes()];
    ask(READ, &asked, |answer| {
        // SAFETY: the library passes memory of that size.
        unsafe { ptr::copy_nonoverlapping(answer.take(size)?.as_ptr(), row.cast(), size) };
        Ok(())
    })
}

pub(super) unsafe extern "C" fn write(_: *mut c_void, y: u32, row: *const c_void, size: usize) -> i32 {
    // SAFETY: the library passes memory of that size.
    let row = unsafe { slice::from_raw_parts(row.cast::<u8>(), size) };
    ask(WRITE, &[&y.to_ne_bytes(), row], |_| Ok(()))
}

pub(super) unsafe extern "C" fn log(which: *mut c_void, level: i32, text: *const c_char) {
    // SAFETY: the library passes a text.
    let text = unsafe { CStr::from_ptr(text) };
    ask(LOG, &[&(which.addr() as u64).to_ne_bytes(), &level.to_ne_bytes(), text.to_bytes()], |_| Ok(()));
}
