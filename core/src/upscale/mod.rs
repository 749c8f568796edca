//! The pipeline: source rows in, enlarged rows out.

mod ends;
mod fit;
mod notes;
mod repair;
pub(crate) mod report;
mod restored;
mod run;
pub(crate) mod upscaler;
