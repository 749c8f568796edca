//! One run: its cancellation, its progress and its notes.

pub(crate) mod cancel;
pub(crate) mod progress;
#[expect(clippy::module_inception, reason = "the file is named after the type in it")]
pub(crate) mod run;
