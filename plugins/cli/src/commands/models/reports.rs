//! What importing and installing need from the command: the worker, which is this program, and a place for reports.

use enlarger::Result;
use enlarger_models::{Report, Worker};

use crate::terminal::Terminal;

/// The worker: this program as `enlarge models probe`.
///
/// # Errors
/// As [`Worker::of_this_program`].
pub fn worker() -> Result<Worker> {
    Worker::of_this_program(&["models", "probe"])
}

/// Shows reports as messages.
pub fn report_to(terminal: Terminal) -> impl FnMut(Report<'_>) {
    move |report| match report {
        Report::Info(text) => terminal.info(text),
        Report::Detail(text) => terminal.detail(text),
        Report::Step { .. } => {}
    }
}
