//! The file that contains this code: the shared library, or the program that the static library is part of.
//!
//! It must never be found by name: several copies of the library may be on the machine.

use std::env;
use std::path::PathBuf;

/// The file that contains this code.
pub(crate) fn own_file() -> Option<PathBuf> {
    // The loader knows programs, and libraries that were named so, by a relative path.
    module().and_then(|path| path.canonicalize().ok()).or_else(program)
}

/// Whether a file is that of the running program.
pub(crate) fn is_program(file: &std::path::Path) -> bool {
    program().is_some_and(|program| program == file)
}

fn program() -> Option<PathBuf> {
    env::current_exe().ok()?.canonicalize().ok()
}

#[cfg(unix)]
fn module() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::mem::MaybeUninit;
    use std::os::unix::ffi::OsStrExt;
    let mut info = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: the address is that of a function, `info` has room for the answer, and zeroes are a valid one.
    let info = unsafe {
        libc::dladdr(module as *const () as *const libc::c_void, info.as_mut_ptr());
        info.assume_init()
    };
    if info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: the loader's texts end with a NUL and stay while this code is loaded.
    let name = unsafe { CStr::from_ptr(info.dli_fname) };
    Some(PathBuf::from(OsStr::from_bytes(name.to_bytes())))
}

/// Untested.
#[cfg(windows)]
fn module() -> Option<PathBuf> {
    use std::ffi::{OsString, c_void};
    use std::os::windows::ffi::OsStringExt;
    use std::ptr;
    const FROM_ADDRESS: u32 = 4;
    const UNCHANGED_COUNT: u32 = 2;
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
        fn GetModuleFileNameW(module: *mut c_void, name: *mut u16, size: u32) -> u32;
    }
    let mut handle = ptr::null_mut();
    let mut name = vec![0u16; 1 << 15];
    // SAFETY: the address is that of a function, `handle` is a place for a handle, and the name has its size.
    let length = unsafe {
        let flags = FROM_ADDRESS | UNCHANGED_COUNT;
        if GetModuleHandleExW(flags, module as *const () as *const c_void, &mut handle) == 0 {
            return None;
        }
        GetModuleFileNameW(handle, name.as_mut_ptr(), name.len() as u32)
    };
    (length > 0).then(|| PathBuf::from(OsString::from_wide(&name[..length as usize])))
}

#[cfg(not(any(unix, windows)))]
fn module() -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_this_test_is_its_program() {
        let file = own_file().unwrap();
        assert_eq!(file, env::current_exe().unwrap().canonicalize().unwrap());
        assert!(is_program(&file) && !is_program(std::path::Path::new("/")));
    }
}
