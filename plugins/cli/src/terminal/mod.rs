//! What the user sees.
//!
//! Messages go to standard error; JSON and listings go to standard output. A closed pipe never ends the program.

mod progress;

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::Path;

use enlarger::{Error, Location};
use serde_json::Value;

pub use progress::ProgressDisplay;

/// How much is shown, and in which form.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Show only warnings and errors.
    pub quiet: bool,
    /// Show details.
    pub verbose: bool,
    /// Write JSON to standard output.
    pub json: bool,
}

impl Terminal {
    /// Shows a message, unless the user wants quiet.
    pub fn info(self, message: impl Display) {
        if !self.quiet {
            let _ = writeln!(stderr(), "{message}");
        }
    }

    /// Shows a message if the user wants details.
    pub fn detail(self, message: impl Display) {
        if self.verbose {
            let _ = writeln!(stderr(), "{message}");
        }
    }

    /// Shows a warning.
    pub fn warn(self, message: impl Display) {
        let _ = writeln!(stderr(), "warning: {message}");
    }

    /// Shows an error.
    pub fn error(self, message: impl Display) {
        let _ = writeln!(stderr(), "error: {message}");
    }

    /// Writes a JSON object on a line, if the user wants JSON.
    pub fn json(self, value: &Value) {
        if self.json {
            let mut out = stdout();
            let _ = writeln!(out, "{value}");
            let _ = out.flush();
        }
    }

    /// Whether standard error can show a moving bar.
    pub fn is_interactive(self) -> bool {
        stderr().is_terminal()
    }
}

/// Writes a line of a listing to standard output.
pub fn print_line(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// The error's message, with the file's name exactly once.
pub fn with_path(path: &Path, error: &Error) -> String {
    match error.location() {
        Some(Location::File(file)) if file == path => error.to_string(),
        _ => format!("{}: {error}", path.display()),
    }
}
