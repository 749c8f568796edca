//! Files that other programs hold: Windows replaces and removes no file that is open, unless the program that opened it allows that.
//!
//! Other systems replace and remove open files, so there these functions find nothing.

use std::io;
use std::path::Path;

/// By Microsoft's list of system error codes: access denied, which is also what a folder with an open file in it and a loaded library
/// give; sharing violation; lock violation; a part of the file is mapped into memory.
const HELD: [i32; 4] = [5, 32, 33, 1224];

/// Whether an error of a rename or a removal may mean that another program has the file open, or a file in the folder. Access that
/// the user does not have gives the same error.
pub fn may_be_in_use(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error().is_some_and(|code| HELD.contains(&code))
}

/// Whether an existing file can be replaced or removed now, as far as other programs are concerned. Changes nothing.
///
/// # Errors
/// That of the system.
pub fn replaceable(path: &Path) -> io::Result<()> {
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        use windows_sys::Win32::Storage::FileSystem::{DELETE, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE};
        if path.metadata().is_ok_and(|found| found.permissions().readonly()) {
            return Err(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "the file is marked as read-only"));
        }
        // What a rename over the file asks for.
        let shared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
        std::fs::OpenOptions::new().access_mode(DELETE).share_mode(shared).open(path)?;
    }
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_windows_knows_files_that_are_held() {
        for code in HELD {
            assert_eq!(may_be_in_use(&io::Error::from_raw_os_error(code)), cfg!(windows));
        }
        assert!(!may_be_in_use(&io::Error::from_raw_os_error(2)));
        assert!(!may_be_in_use(&io::Error::from(io::ErrorKind::PermissionDenied)));
    }

    #[test]
    #[cfg(windows)]
    fn a_file_that_is_open_or_read_only_is_not_replaceable() {
        use std::os::windows::fs::OpenOptionsExt;
        let path = std::env::temp_dir().join("enlarger-system-in-use.txt");
        std::fs::write(&path, "x").unwrap();
        replaceable(&path).unwrap();
        // As most programs open what they show.
        let open = std::fs::OpenOptions::new().read(true).share_mode(1).open(&path).unwrap();
        assert!(may_be_in_use(&replaceable(&path).unwrap_err()));
        drop(open);
        let set = |readonly| {
            let mut permissions = std::fs::metadata(&path).unwrap().permissions();
            permissions.set_readonly(readonly);
            std::fs::set_permissions(&path, permissions).unwrap();
        };
        set(true);
        assert!(replaceable(&path).is_err());
        set(false);
        replaceable(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
    }
}
