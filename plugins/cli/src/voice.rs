//! What is said, and where.
//!
//! Words for people go to standard error, JSON and listings to standard output. A closed pipe is no reason to die.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};

use serde_json::Value;

/// How much is said.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    /// Nothing but warnings and errors.
    pub quiet: bool,
    /// More than usual.
    pub verbose: bool,
    /// JSON on standard output.
    pub json: bool,
}

impl Voice {
    /// A line that most people want to see.
    pub fn say(self, line: impl Display) {
        if !self.quiet {
            let _ = writeln!(stderr(), "{line}");
        }
    }

    /// A line for those who ask.
    pub fn detail(self, line: impl Display) {
        if self.verbose {
            let _ = writeln!(stderr(), "{line}");
        }
    }

    /// A line that must not be missed.
    pub fn warn(self, line: impl Display) {
        let _ = writeln!(stderr(), "warning: {line}");
    }

    /// What went wrong.
    pub fn error(self, line: impl Display) {
        let _ = writeln!(stderr(), "error: {line}");
    }

    /// One JSON object on a line.
    pub fn json(self, value: &Value) {
        if self.json {
            let mut out = stdout();
            let _ = writeln!(out, "{value}");
            let _ = out.flush();
        }
    }

    /// Whether a moving bar can be seen.
    pub fn has_terminal(self) -> bool {
        stderr().is_terminal()
    }
}

/// A line of a listing, on standard output.
pub fn list(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}
