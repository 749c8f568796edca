//! The pipeline: source rows in, enlarged rows out.

mod ends;
mod fit;
mod notes;
mod repair;
pub(crate) mod report;
mod run;
pub(crate) mod upscaler;
