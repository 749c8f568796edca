//! What the tests of the command share.

use std::path::Path;
use std::process::{Command, Output};

/// The command, with `home` as its working folder and as the user's folders. The real ones are neither read nor changed.
pub fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enlarge"));
    for folder in ["HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
        command.env(folder, home);
    }
    // The tests' servers are on this machine.
    command.env_remove("ENLARGER_MODELS").env("no_proxy", "127.0.0.1").current_dir(home);
    command
}

/// Runs the command.
pub fn enlarge(home: &Path, arguments: &[&str]) -> Output {
    command(home).args(arguments).output().unwrap()
}

/// What the command wrote to standard error.
pub fn messages(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
