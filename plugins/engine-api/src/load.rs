//! Loads a library by its absolute path, with the libraries that lie beside it.
//!
//! What a library needs must never come from the current folder or from a folder in PATH.

use std::path::Path;

use libloading::{Error, Library};

/// Loads a library. On Windows, what it needs is looked for beside it, beside the program, and in the system's folder, in this order,
/// and nowhere else; other systems go by what the library itself states.
///
/// # Errors
/// The system's.
///
/// # Safety
/// The library's initialisers run. The path must be absolute, and the file must have passed [`crate::check_library_file`].
pub unsafe fn load_library(path: &Path) -> Result<Library, Error> {
    #[cfg(windows)]
    {
        use libloading::os::windows::{
            LOAD_LIBRARY_SEARCH_DEFAULT_DIRS, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR, Library as File,
        };
        let flags = LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS;
        // With these flags Windows takes no other separator than its own.
        let path = enlarger_system::native(path);
        // SAFETY: as the caller promises.
        unsafe { File::load_with_flags(&path, flags) }.map(Library::from)
    }
    // SAFETY: as the caller promises.
    #[cfg(not(windows))]
    unsafe {
        Library::new(path)
    }
}
