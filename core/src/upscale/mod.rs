//! The pipeline: source rows in, enlarged rows out.

mod ends;
mod fit;
mod notes;
pub(crate) mod report;
mod run;
pub(crate) mod upscaler;
