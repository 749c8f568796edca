//! Programs that are started without a window of their own.

use std::process::Command;

/// Starts the program without a console window. On Windows a program without a console, such as GIMP or Krita, would otherwise show one
/// for every console program that it starts. Elsewhere nothing changes.
pub fn without_window(command: &mut Command) -> &mut Command {
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        command.creation_flags(windows_sys::Win32::System::Threading::CREATE_NO_WINDOW);
    }
    command
}
