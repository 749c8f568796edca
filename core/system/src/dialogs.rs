//! The dialogs that Windows itself shows for a program, and that wait for somebody to close them.

/// Keeps Windows from showing a dialog when this program or one that it starts crashes, or when a library cannot be loaded; they then
/// fail, as on other systems. For the main function of a program; a library must leave this to its host.
pub fn without_dialogs() {
    #[cfg(windows)]
    {
        use windows_sys::Win32::System::Diagnostics::Debug::{
            SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SEM_NOOPENFILEERRORBOX, SetErrorMode,
        };
        // SAFETY: the function takes any combination of these flags.
        unsafe { SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX) };
    }
}
