//! ONNX Runtime as an engine of Enlarger, found at run time.
//!
//! It is here because ONNX Runtime runs any network, on any kind of device, fast; and it is big, so it is not inside.
//! It must never be opened before the file was checked, never be unloaded, and never change device silently.
#![deny(missing_docs)]

mod engine;
mod environment;
mod library;
mod places;
mod provider;
mod report;
mod session;
mod turn;
mod version;

pub use engine::Ort;
pub use library::{LIBRARY_VARIABLE, Place, Verdict};
pub use report::{OrtReport, ort_report};
