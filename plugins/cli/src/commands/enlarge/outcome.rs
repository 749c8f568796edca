//! What is known of a file at its end, whether it was enlarged or not.
//!
//! It is only a record; it must not decide anything.

use std::path::PathBuf;

use enlarger::{Advice, Error, Provenance, Size};
use enlarger_engines::Chosen;

use super::estimate::Estimate;

/// What is known of a file. After an error, only the fields up to the step that failed are set.
#[derive(Default)]
pub struct Outcome {
    /// The result's file.
    pub output: Option<PathBuf>,
    /// The input's size, upright.
    pub from: Option<Size>,
    /// The result's size.
    pub to: Option<Size>,
    /// What was expected.
    pub estimate: Option<Estimate>,
    /// Seconds from beginning to end.
    pub seconds: f64,
    /// The bytes of the result's file.
    pub bytes: Option<u64>,
    /// The models and the engine that enlarged the picture.
    pub chosen: Option<Chosen>,
    /// What made the result, if its file says so.
    pub label: Option<Provenance>,
    /// The program that developed the input.
    pub developed_by: Option<String>,
    /// Advice on the picture, if it was looked at.
    pub advice: Option<Vec<Advice>>,
    /// Warnings for the user.
    pub notes: Vec<String>,
}

/// How a file ended, if it did not fail.
pub enum End {
    /// It was enlarged, or would be.
    Done,
    /// It was left out, and why.
    Skipped(String),
    /// Its result exists already.
    Exists(Error),
}
