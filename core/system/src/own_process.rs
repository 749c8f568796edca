//! This process as a worker of another one: its standard output kept for answers, its parent, and an end at once.

use std::fs::File;
use std::io;

/// Takes standard output for the caller alone: what anything else in this process prints goes to standard error from now on.
///
/// # Errors
/// The system's, if there is no standard output.
pub fn take_standard_output() -> io::Result<File> {
    take()
}

#[cfg(unix)]
fn take() -> io::Result<File> {
    use std::os::fd::AsFd;
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    // A closed standard error leaves what is printed without a place.
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(output.into())
}

#[cfg(windows)]
fn take() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    use windows_sys::Win32::System::Console::{GetStdHandle, STD_ERROR_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle};
    let output = io::stdout().as_handle().try_clone_to_owned()?;
    // SAFETY: the handle may be any, also none.
    unsafe { SetStdHandle(STD_OUTPUT_HANDLE, GetStdHandle(STD_ERROR_HANDLE)) };
    Ok(output.into())
}

/// The process that has started this one, or whoever inherited this one after that has ended. None where nobody inherits it.
pub fn parent() -> Option<u32> {
    #[cfg(unix)]
    return Some(std::os::unix::process::parent_id());
    #[cfg(not(unix))]
    None
}

/// Ends this process at once, whatever its threads are doing: no destructor of a library runs that they may still be using.
pub fn end_now(status: u8) -> ! {
    #[cfg(unix)]
    // SAFETY: the function takes any status and does not return.
    unsafe {
        libc::_exit(status.into())
    }
    #[cfg(windows)]
    {
        use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};
        // SAFETY: the handle stands for this process. The call does not return for it.
        unsafe { TerminateProcess(GetCurrentProcess(), status.into()) };
    }
    #[cfg(not(unix))]
    std::process::abort()
}
