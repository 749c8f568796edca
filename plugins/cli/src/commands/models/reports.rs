//! What importing and installing need from the command: a place for reports.

use enlarger_models::Report;

use crate::terminal::Terminal;

/// Shows reports as messages.
pub fn report_to(terminal: Terminal) -> impl FnMut(Report<'_>) {
    move |report| match report {
        Report::Info(text) => terminal.info(text),
        Report::Detail(text) => terminal.detail(text),
        Report::Step { .. } => {}
    }
}
