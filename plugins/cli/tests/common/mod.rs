//! What the tests of the command share.

use std::path::Path;
use std::process::{Command, Output};

/// The command in a folder that is its home too: it neither sees nor changes what the user has.
pub fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enlarge"));
    for folder in ["HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
        command.env(folder, home);
    }
    // Servers of the tests are on this machine.
    command.env_remove("ENLARGER_MODELS").env("no_proxy", "127.0.0.1").current_dir(home);
    command
}

pub fn enlarge(home: &Path, arguments: &[&str]) -> Output {
    command(home).args(arguments).output().unwrap()
}

/// What the command said.
pub fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
