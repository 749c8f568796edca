//! One run: its cancellation, its progress, its notes.

pub(crate) mod cancel;
pub(crate) mod progress;
#[expect(clippy::module_inception, reason = "the file has the name of its noun")]
pub(crate) mod run;
