//! A program of the user's that fetches files.
//!
//! It must run as if the user had started it, whatever program Enlarger is part of.

use std::env;
use std::ffi::OsStr;
use std::process::{Command, Stdio};

/// What an AppImage sets for its own libraries, with which the system's programs do not work.
const OF_APP_IMAGE: [&str; 3] = ["LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH"];

/// A command line of the program, without input.
pub(super) fn client(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    if env::var_os("APPIMAGE").is_some() {
        OF_APP_IMAGE.iter().for_each(|variable| {
            command.env_remove(variable);
        });
    }
    command
}
