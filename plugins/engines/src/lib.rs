//! The engines that Enlarger is built with, and the choice among them.
//!
//! This is the only crate that names them; the command and the C library ask this crate.
//! It must never use an engine other than the one that the caller names, and never choose one without giving the reason. The one
//! exception is the CPU, which takes over from a GPU that fails, with a note.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod engine_libraries;
mod engines;
mod gpu;
mod opener;
mod selection;

pub use engine_libraries::libraries_folder;
pub use engines::{Candidate, Engines, Opened};
pub use enlarger_engine_ort::{LIBRARY_VARIABLE, OrtReport, SearchedPlace, Verdict, ort_report};
pub use gpu::{FoundGpu, GPU_LIBRARY_VARIABLE, GpuList, GpuMeasurement, GpuProcess, GpuReport, GpuTrial};
pub use opener::{Chosen, NO_FACE, Opener};
