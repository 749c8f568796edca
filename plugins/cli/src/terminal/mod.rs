//! What the user sees.
//!
//! Messages go to standard error; JSON and listings go to standard output. A closed pipe never ends the program.

mod progress;
mod words;

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use enlarger::{Error, Location};
use indicatif::ProgressBar;
use serde_json::Value;

pub use progress::{FileProgress, RunProgress};
pub use words::{about, bytes, count, duration, megapixels};

/// The bar that is on the screen. Messages are written above it.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

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
            show(message);
        }
    }

    /// Shows a message if the user wants details.
    pub fn detail(self, message: impl Display) {
        if self.verbose {
            show(message);
        }
    }

    /// Shows a warning.
    pub fn warn(self, message: impl Display) {
        show(format_args!("warning: {message}"));
    }

    /// Shows an error.
    pub fn error(self, message: impl Display) {
        show(format_args!("error: {message}"));
    }

    /// Writes a JSON object on a line, if the user wants JSON.
    pub fn json(self, value: &Value) {
        if self.json {
            above_bar(|| {
                let mut out = stdout().lock();
                let _ = writeln!(out, "{value}");
                let _ = out.flush();
            });
        }
    }

    /// Whether standard error can show a moving bar.
    pub fn is_interactive(self) -> bool {
        stderr().is_terminal()
    }
}

/// Writes a whole line at once, so that lines of several threads do not mix.
fn show(message: impl Display) {
    let line = format!("{message}\n");
    above_bar(|| {
        let _ = stderr().write_all(line.as_bytes());
    });
}

fn above_bar(write: impl FnOnce()) {
    match BAR.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        Some(bar) => bar.suspend(write),
        None => write(),
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
