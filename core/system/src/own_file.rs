//! The file that contains this code: the shared library, or the program that the static library is part of.
//!
//! It must never be found by name: several copies of the library may be on the machine.

use std::env;
use std::path::{Path, PathBuf};

use crate::paths::canonical;

/// The file that contains this code: inside a host it is our library and not the program.
pub fn own_file() -> Option<PathBuf> {
    // The loader knows programs, and libraries that were named so, by a relative path.
    module().and_then(|path| canonical(&path).ok()).or_else(own_program)
}

/// The file of the running program.
pub fn own_program() -> Option<PathBuf> {
    canonical(&env::current_exe().ok()?).ok()
}

/// Whether a file is that of the running program.
pub fn is_own_program(file: &Path) -> bool {
    own_program().is_some_and(|program| program == file)
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

#[cfg(windows)]
fn module() -> Option<PathBuf> {
    use std::ffi::OsString;
    use std::os::windows::ffi::OsStringExt;
    use std::ptr;

    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, GetModuleFileNameW,
        GetModuleHandleExW,
    };
    let mut handle = ptr::null_mut();
    // The longest path that Windows knows.
    let mut name = vec![0u16; 1 << 15];
    // SAFETY: the address is that of a function, as the flag says, `handle` is a place for a handle, and the name has its size. The
    // module stays loaded, because this code is in it.
    let length = unsafe {
        let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
        if GetModuleHandleExW(flags, module as *const () as *const u16, &mut handle) == 0 {
            return None;
        }
        GetModuleFileNameW(handle, name.as_mut_ptr(), name.len() as u32)
    };
    (length > 0).then(|| PathBuf::from(OsString::from_wide(&name[..length as usize])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_this_test_is_its_program() {
        let file = own_file().unwrap();
        assert_eq!(file, canonical(&env::current_exe().unwrap()).unwrap());
        assert!(is_own_program(&file) && !is_own_program(Path::new("/")));
        assert!(!file.to_string_lossy().starts_with(r"\\?\"), "{}", file.display());
    }
}
