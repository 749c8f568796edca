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

use std::env;
use std::ffi::{CString, c_char};
use std::fs;
use std::path::PathBuf;
use std::process;
use std::sync::OnceLock;

/// The folder with the model, which also stands for the user's folders, so that nothing that is installed here is seen.
static FOLDER: OnceLock<CString> = OnceLock::new();

fn folder() -> PathBuf {
    env::temp_dir().join(format!("enlarger-abi-{}", process::id()))
}

/// Installs the model `nearest`, which doubles pictures, and adds the engines to every registry that is created from now
/// on. Returns the folder of the model. The first thing that the program does.
#[unsafe(no_mangle)]
extern "C" fn abi_begin() -> *const c_char {
    let folder = folder();
    fs::create_dir_all(&folder).expect("a temporary folder");
    // SAFETY: the program has one thread yet.
    unsafe {
        for name in ["HOME", "XDG_DATA_HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"] {
            env::set_var(name, &folder);
        }
        env::set_var("ENLARGER_ORT_LIBRARY", folder.join("none"));
        env::remove_var("ENLARGER_MODELS");
        env::remove_var("RUST_BACKTRACE");
    }
    engines::add();
    onnx::install_nearest(&folder, 2);
    let text = folder.to_str().expect("a temporary folder with a name in Unicode");
    FOLDER.get_or_init(|| CString::new(text).expect("a path")).as_ptr()
}

/// Removes the folder.
#[unsafe(no_mangle)]
extern "C" fn abi_end() {
    drop(fs::remove_dir_all(folder()));
}
