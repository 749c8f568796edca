//! The engines that Enlarger is built with, and the choice among them.
//!
//! This is the one crate that knows their names; the command and the C library ask here and nowhere else.
//! It must never take another engine than the one that was named, and never choose without saying why.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod choice;
mod engines;
mod libraries;
mod opener;

pub use engines::{Candidate, Engines, Opened};
pub use enlarger_engine_ort::{LIBRARY_VARIABLE, OrtReport, Place, Verdict, ort_report};
pub use libraries::libraries_folder;
pub use opener::{Chosen, Opener};
