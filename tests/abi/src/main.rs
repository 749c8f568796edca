//! A program that misuses libenlarger. `main` and all test cases are in C, in `c/`; this part does what C cannot.
//!
//! It adds engines that fail on command, installs a model for them, and makes allocations fail. It must never call a
//! function of the C interface itself, because the tests check what C sees.
#![no_main]

mod engines;
mod memory;
// Written for the tests of the core, in another crate. Included as source, so that only one program is built here.
#[path = "../../src/onnx.rs"]
#[allow(dead_code)] // More than is used here.
mod onnx;
#[path = "../../src/toy.rs"]
#[allow(dead_code)]
mod toy;

use std::ffi::{CStr, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Adds the engines to every registry that is created from now on.
#[unsafe(no_mangle)]
extern "C" fn abi_engines() {
    engines::add();
}

/// Installs the model `nearest`, which doubles pictures, in a folder.
///
/// # Safety
/// `folder` is a text.
#[unsafe(no_mangle)]
unsafe extern "C" fn abi_install(folder: *const c_char) {
    // SAFETY: the caller promises it.
    let folder = unsafe { CStr::from_ptr(folder) };
    onnx::install_nearest(Path::new(OsStr::from_bytes(folder.to_bytes())), 2);
}
