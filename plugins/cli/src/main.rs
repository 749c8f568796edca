//! The program `enlarge`. What it does is in the library of this package.

use std::process::ExitCode;

fn main() -> ExitCode {
    enlarger_cli::run()
}
