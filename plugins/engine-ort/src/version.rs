//! Asks a library for its version of ONNX Runtime.
//!
//! The wrapper crate panics on a library that is too old or is not ONNX Runtime, so the version is checked first.
//! A library that was loaded here must never be unloaded, because its code may still be running.

use std::ffi::CStr;
use std::path::Path;

use enlarger_engine_api::load_library;
use libloading::{Library, Symbol};
use ort::sys::OrtApiBase;

type GetApiBase = unsafe extern "C" fn() -> *const OrtApiBase;

/// Loads the library and returns its version. The error is the reason why it cannot be used, as the end of a sentence.
///
/// The file must have passed [`enlarger_engine_api::check_library_file`].
pub(crate) fn probe(path: &Path) -> Result<String, String> {
    // SAFETY: loading runs the library's initialisers. The file is a complete library for this machine. It has ONNX Runtime's
    // name and is in a folder for libraries, or the user has named it; a program that can write there could change what this
    // program does anyway.
    let library = unsafe { load_library(path) }.map_err(|e| format!("the system cannot load it: {}", cause(&e)))?;
    let answer = ask(&library);
    std::mem::forget(library);
    let version = answer?;
    usable(&version)?;
    Ok(version)
}

fn ask(library: &Library) -> Result<String, String> {
    const OTHER: &str = "it is not ONNX Runtime";
    // SAFETY: `OrtGetApiBase` is ONNX Runtime's entry point; its signature has never changed.
    let entry: Symbol<'_, GetApiBase> = unsafe { library.get(b"OrtGetApiBase\0") }.map_err(|_| OTHER.to_owned())?;
    // SAFETY: the function has no arguments and may be called at any time from any thread.
    let base = unsafe { entry() };
    if base.is_null() {
        return Err(OTHER.to_owned());
    }
    // SAFETY: the table is not null and lives as long as the library, which is never unloaded; `GetVersionString` is its
    // second member in every version.
    let text = unsafe { ((*base).GetVersionString)() };
    if text.is_null() {
        return Err(OTHER.to_owned());
    }
    // SAFETY: the text is a constant of the library that ends with a zero byte.
    let version = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    usable(&version)?;
    // SAFETY: `GetApi` accepts any number, and returns null for a version that it does not support.
    let api = unsafe { ((*base).GetApi)(ort::MINOR_VERSION) };
    if api.is_null() {
        return Err(format!(
            "it is ONNX Runtime {version}, which does not support the interface 1.{}; install a newer version",
            ort::MINOR_VERSION
        ));
    }
    Ok(version)
}

/// Checks whether this version can be used.
fn usable(version: &str) -> Result<(), String> {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(1), Some(minor)) if minor >= ort::MINOR_VERSION => Ok(()),
        (Some(1), Some(_)) => Err(format!(
            "it is ONNX Runtime {version}, older than 1.{}; update it (pip install --upgrade onnxruntime)",
            ort::MINOR_VERSION
        )),
        (Some(_), Some(_)) => Err(format!(
            "it is ONNX Runtime {version}, which this version of Enlarger does not support; update Enlarger"
        )),
        _ => Err(format!("its version '{version}' is not a version of ONNX Runtime; install it again")),
    }
}

/// The system's reason. The error's own text is more general.
fn cause(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for good in ["1.24.0", "1.31.1", "1.100.0", "1.24", "1.31.1-rc1"] {
            usable(good).unwrap();
        }
        for old in ["1.23.9", "1.9.0", "1.3.0"] {
            assert!(usable(old).unwrap_err().contains("update it"), "{old}");
        }
        for other in ["0.24.0", "2.24.0", "", "1", "1.", "one.two", "1.-24"] {
            assert!(usable(other).is_err(), "{other}");
        }
    }
}
